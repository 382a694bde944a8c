package dev.pg2kinesis.relay;

/** How long a run goes on. */
public enum Mode {
  /** Up to the flush LSN seen at the start. */
  POLL,
  /** Until the slot is empty, including changes that arrive in the meantime. */
  DRAIN
}
