package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Money;

/** What reads the rows of each plugin. */
public final class Decoders {

  private Decoders() {}

  /**
   * A decoder for one peek.
   *
   * @param catalog the catalog as it was just before the peek
   */
  public static Decoder of(Plugin plugin, Catalog catalog) {
    Decoder decoder = ofPlugin(plugin, catalog);
    return catalog.money().decimals() == Money.DECIMALS_OF_C
        ? decoder
        : new MoneyDecoder(decoder, catalog.money());
  }

  private static Decoder ofPlugin(Plugin plugin, Catalog catalog) {
    return switch (plugin) {
      case TEST_DECODING -> new TestDecodingDecoder(catalog);
      case WAL2JSON -> new Wal2JsonDecoder(catalog);
      case WAL2JSON_V1 -> new Wal2JsonV1Decoder(catalog);
      case PGOUTPUT -> new PgOutputDecoder(catalog);
    };
  }

  /** Finds the ends of transactions; needs no catalog. */
  public static CommitReader commitReader(Plugin plugin) {
    return switch (plugin) {
      case TEST_DECODING -> TestDecodingDecoder::commitOf;
      case WAL2JSON -> Wal2JsonDecoder::commitOf;
      case WAL2JSON_V1 -> Wal2JsonV1Decoder::commitOf;
      case PGOUTPUT -> PgOutputDecoder::commitOf;
    };
  }
}
