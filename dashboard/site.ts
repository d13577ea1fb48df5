import type { Html } from "./html.ts";
import type { View } from "./view.ts";

/** A page, in parts that are sent again when they change. */
export interface Page {
  /** Its title. */
  readonly title: string;
  /** Its parts, from top to bottom, by names that stay the same. */
  readonly parts: Readonly<Record<string, Html>>;
  /**
   * Whether it is sent once: what changes is up to the script of the site.
   *
   * @default {false}
   */
  readonly isFixed?: boolean;
}

/** A link that is on every page. */
export interface MenuItem {
  /** What it says. */
  readonly label: string;
  /** Where it leads, below the dashboard. */
  readonly path: readonly string[];
}

/** What a dashboard shows and does. */
export interface Site {
  /** What it is about: one word. */
  readonly name: string;
  /** The links on every page. */
  readonly menu: readonly MenuItem[];
  /**
   * A module of JavaScript that every page loads.
   *
   * @default {none}
   */
  readonly script?: string;
  /** Called each second with the time on the loop's clock, to look at counters. */
  look?(now: number): void;
  /**
   * Makes a page.
   *
   * @param path Where it is, below the dashboard.
   * @param view What it is made with.
   * @returns The page; `null` when there is none.
   */
  page(path: readonly string[], view: View): Page | null | Promise<Page | null>;
  /**
   * Does what a form orders.
   *
   * @param path Where the form leads, below the dashboard.
   * @param form What it says.
   * @returns Where to go then, and what to say there; `null` when there is no such order.
   * @throws {OrderError} When it can't be done.
   */
  order(path: readonly string[], form: URLSearchParams): Promise<OrderResult | null>;
}

/** What has come of an order. */
export interface OrderResult {
  /** The page to go to, below the dashboard. */
  readonly path: readonly string[];
  /** What was done, for people. */
  readonly message: string;
}

/** An order that can't be carried out. */
export class OrderError extends Error {
  /** Makes the error; its message is shown. */
  constructor(message: string) {
    super(message);
    this.name = "OrderError";
  }
}
