package dev.pg2kinesis.publish;

import dev.pg2kinesis.format.StreamRecord;
import org.jspecify.annotations.Nullable;

/** Puts the changes of one key group together. Changes leave it in the order they came. */
interface Packer {

  /**
   * Takes a change.
   *
   * @param index its place among all changes
   * @param held the memory that its acknowledgement frees
   * @return what was complete before this change, if it did not fit to it
   */
  @Nullable Entry add(StreamRecord change, long index, long held);

  /** Whether no change waits in it. */
  boolean isEmpty();

  /** What was put together since; not to be asked of an empty packer. */
  Entry seal();
}
