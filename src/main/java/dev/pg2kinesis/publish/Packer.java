package dev.pg2kinesis.publish;

import dev.pg2kinesis.format.StreamRecord;
import org.jspecify.annotations.Nullable;

/** Puts the changes of one key group into records. Changes leave it in the order they came. */
interface Packer {

  /**
   * Takes a change.
   *
   * @param index its place among all changes
   * @param pendingBytes the memory that its acknowledgement frees
   * @return the finished record, if this change ended one or did not fit into it
   */
  @Nullable Entry add(StreamRecord change, long index, long pendingBytes);

  /** The key group whose changes it takes. */
  int group();

  /** Whether no change waits in it. */
  boolean isEmpty();

  /**
   * Finishes the record of the changes that wait.
   *
   * @throws IllegalStateException if none waits
   */
  Entry seal();
}
