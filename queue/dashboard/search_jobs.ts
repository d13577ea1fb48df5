import type { JobStore } from "../job_store.ts";
import type { JobState, StoredJob } from "../stored_job.ts";

const PAGE = 500;
const decoder = new TextDecoder();

/** What is looked for. */
export interface JobSearch {
  /** The state of the jobs. */
  readonly state: JobState;
  /** Text that stands in the body, the key or the reason, in whatever case; empty for all. */
  readonly text: string;
  /** Leaves out all up to and with this id. */
  readonly after: number;
  /** Most jobs to find. */
  readonly limit: number;
  /** Most jobs to look at. */
  readonly maxLooked: number;
}

/** What was found. */
export interface Found {
  readonly jobs: readonly StoredJob[];
  /** The last id that was looked at, when there is more to look at. */
  readonly next: number | null;
}

/** Looks for jobs of a tube. */
export async function searchJobs(store: JobStore, tube: string, search: JobSearch): Promise<Found> {
  const { state, limit, maxLooked } = search;
  const text = search.text.toLowerCase();
  const jobs: StoredJob[] = [];
  let after = search.after;
  for (let looked = 0; looked < maxLooked;) {
    const most = Math.min(text === "" ? limit : PAGE, maxLooked - looked);
    const page = await store.list(tube, { state, limit: most, after });
    for (const job of page) {
      looked++;
      after = job.id;
      if (text !== "" && !holds(job, text)) continue;
      jobs.push(job);
      if (jobs.length === limit) return { jobs, next: after };
    }
    if (page.length < most) return { jobs, next: null };
  }
  return { jobs, next: after };
}

function holds({ body, key = "", reason = "" }: StoredJob, text: string): boolean {
  return key.toLowerCase().includes(text) || reason.toLowerCase().includes(text) ||
    decoder.decode(body).toLowerCase().includes(text);
}
