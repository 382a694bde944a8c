package dev.pg2kinesis.change;

/** What a change did. */
public enum Operation {
  INSERT,
  UPDATE,
  DELETE,
  TRUNCATE,
  MESSAGE
}
