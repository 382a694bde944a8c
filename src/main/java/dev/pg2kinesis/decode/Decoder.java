package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Commit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows of one peek. A decoder lives exactly as long as the peek, because what a plugin
 * says once (pgoutput's relations) it says again in the next.
 */
public interface Decoder {

  /**
   * The end of a transaction, if {@code row} is one: everything since the previous end belongs to
   * it. Looks at nothing but the row, keeps no state, and may be called from any thread; so the end
   * of a transaction is known before its first change is decoded.
   *
   * @return the commit, or null where the row ends no transaction
   * @throws DecodeException if the row says that it is an end and cannot be read as one
   */
  @Nullable Commit commitOf(RawRow row);

  /**
   * Decodes one row. Rows are given in the order of the peek, each once.
   *
   * @param changes receives the row's changes, often none or one, in order
   * @throws DecodeException if the row is not what the plugin's grammar allows
   */
  void decode(RawRow row, Consumer<Change> changes);
}
