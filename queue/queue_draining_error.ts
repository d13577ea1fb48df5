/** A job could not be pushed, as the queue is drained: it takes none until it is resumed. */
export class QueueDrainingError extends Error {
  /** The name of the queue. */
  readonly queue: string;

  /**
   * Makes the error.
   *
   * @param queue The name of the queue.
   */
  constructor(queue: string) {
    super(`Cannot push job as queue ${queue} is being drained`);
    this.name = "QueueDrainingError";
    this.queue = queue;
  }
}
