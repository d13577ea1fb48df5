/**
 * Sockets are ordered streams of data, and so are queues: a job queue, change notification,
 * WebSocket sessions and process supervision on one event loop.
 *
 * @module
 */
export {};
