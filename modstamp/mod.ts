/**
 * Tell thousands of clients behind NAT that a dataset changed.
 *
 * @module
 */
export { AesEncryptor, type AesEncryptorOptions } from "./aes_encryptor.ts";
export {
  type Decrypted,
  type EncryptedBody,
  type Encryptor,
  PlainEncryptor,
  type Refusal,
} from "./encryptor.ts";
export { isId } from "./id.ts";
export {
  type DecodedMessages,
  decodeMessages,
  encodeMessages,
  type Message,
  type MessageKind,
} from "./message.ts";
export { decodeHeader, encodeHeader, type PacketHeader } from "./packet.ts";
export { ReplayWindow } from "./replay_window.ts";
export {
  type Encryption,
  type Permission,
  type ProfileEntry,
  SecurityProfile,
  SecurityProfileError,
} from "./security_profile.ts";
