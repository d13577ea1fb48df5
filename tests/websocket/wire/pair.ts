import type { Connection } from "../../../websocket/mod.ts";
import type { RawClient } from "./raw_client.ts";
import type { Recorder } from "./recorder.ts";
import { WsScene, type WsSceneOptions } from "./ws_scene.ts";

/** A client, its connection, and what the application was told. */
export async function pair(
  recorder: Recorder,
  options?: WsSceneOptions,
): Promise<{ scene: WsScene; client: RawClient; connection: Connection }> {
  const scene = await WsScene.open(recorder, options);
  const client = await scene.client();
  await scene.network.until(() => recorder.connections.length === 1);
  return { scene, client, connection: recorder.connections[0] };
}
