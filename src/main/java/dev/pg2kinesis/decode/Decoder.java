package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Change;
import java.util.function.Consumer;

/**
 * Decodes the rows of one peek, in order, on one thread. A decoder lives exactly as long as the
 * peek, because what a plugin says once (pgoutput's relations) it says again in the next.
 */
public interface Decoder {

  /**
   * Decodes one row. Rows are given in the order of the peek, each once.
   *
   * @param changes receives the row's changes, often none or one, in order
   * @throws DecodeException if the row is not what the plugin's grammar allows
   */
  void decode(RawRow row, Consumer<Change> changes);
}
