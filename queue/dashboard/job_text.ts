import { viewBody } from "../http/job_view.ts";
import type { StoredJob } from "../stored_job.ts";

const MAX_CHARACTERS = 65_536;

/** The body of a job as people read it, as far as it fits on a page. */
export function jobText({ body }: StoredJob): string {
  const view = viewBody(body);
  const text = "body" in view
    ? JSON.stringify(view.body, null, 2)
    : String(view.text ?? view.base64);
  return text.length <= MAX_CHARACTERS
    ? text
    : `${text.slice(0, MAX_CHARACTERS)}\n… and ${text.length - MAX_CHARACTERS} characters more`;
}

/** What names the job in a list: the name of the job, and its data on one line. */
export function jobSummary({ body }: StoredJob): { name: string; data: string } {
  const view = viewBody(body);
  const value = view.body;
  if (typeof value === "object" && value !== null && "job" in value) {
    const data = "data" in value ? JSON.stringify(value.data) : "";
    return { name: String(value.job), data };
  }
  return {
    name: "",
    data: "body" in view ? JSON.stringify(value) : String(view.text ?? view.base64),
  };
}
