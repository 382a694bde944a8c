package dev.pg2kinesis.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.pg2kinesis.postgres.PostgresServer;
import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.format.CloudEvents;
import io.debezium.engine.format.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Debezium's PostgreSQL connector, run until it has emitted what a slot holds. */
final class DebeziumEngineRun {

  private static final JsonMapper JSON = new JsonMapper();
  private static final int PATIENCE_SECONDS = 60;

  private DebeziumEngineRun() {}

  /**
   * The events of a slot, up to the first message with that prefix, which is left out.
   *
   * @throws AssertionError if that message does not come within a minute
   */
  static List<JsonNode> events(
      PostgresServer server,
      String database,
      String slot,
      String publication,
      String lastPrefix,
      Format format) {
    return run(server, database, slot, publication, lastPrefix, format, false, null);
  }

  /** The same events of transactions, both their beginnings and their ends. */
  static List<JsonNode> transactions(
      PostgresServer server, String database, String slot, String publication, String lastPrefix) {
    return run(server, database, slot, publication, lastPrefix, Format.DEBEZIUM, true, null);
  }

  /**
   * The rows that the tables hold.
   *
   * @param afterSnapshot emits the last message, once the last row has come
   */
  static List<JsonNode> reads(
      PostgresServer server,
      String database,
      String slot,
      String publication,
      String lastPrefix,
      Runnable afterSnapshot) {
    return run(
        server, database, slot, publication, lastPrefix, Format.DEBEZIUM, false, afterSnapshot);
  }

  private static List<JsonNode> run(
      PostgresServer server,
      String database,
      String slot,
      String publication,
      String lastPrefix,
      Format format,
      boolean ofTransactions,
      @Nullable Runnable afterSnapshot) {
    BlockingQueue<ChangeEvent<String, String>> queue = new LinkedBlockingQueue<>();
    ExecutorService thread = Executors.newSingleThreadExecutor();
    Properties properties = properties(server, database, slot, publication);
    properties.setProperty("snapshot.mode", afterSnapshot == null ? "no_data" : "initial");
    if (format == Format.FLAT) {
      properties.setProperty("transforms", "flat");
      properties.setProperty(
          "transforms.flat.type", "io.debezium.transforms.ExtractNewRecordState");
      properties.setProperty("transforms.flat.add.fields", "op,table,lsn,source.ts_ms");
      properties.setProperty("transforms.flat.delete.tombstone.handling.mode", "rewrite");
    }
    DebeziumEngine.Builder<ChangeEvent<String, String>> builder =
        format == Format.CLOUDEVENTS
            ? DebeziumEngine.create(Json.class, CloudEvents.class)
            : DebeziumEngine.create(Json.class);
    try (DebeziumEngine<ChangeEvent<String, String>> engine =
        builder.using(properties).notifying(queue::add).build()) {
      thread.execute(engine);
      return until(lastPrefix, queue, ofTransactions, afterSnapshot);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      thread.shutdownNow();
    }
  }

  private static List<JsonNode> until(
      String lastPrefix,
      BlockingQueue<ChangeEvent<String, String>> queue,
      boolean ofTransactions,
      @Nullable Runnable afterSnapshot) {
    List<JsonNode> events = new ArrayList<>();
    while (true) {
      ChangeEvent<String, String> event = poll(queue);
      boolean ofTransaction = event.destination().endsWith(".transaction");
      if (!ofTransaction
          && event.key() != null
          && parse(event.key()).path("prefix").asText().equals(lastPrefix)) {
        return events;
      }
      if (event.value() != null && ofTransaction == ofTransactions) {
        JsonNode value = parse(event.value());
        events.add(value);
        if (afterSnapshot != null && value.at("/source/snapshot").asText().equals("last")) {
          afterSnapshot.run();
        }
      }
    }
  }

  private static ChangeEvent<String, String> poll(
      BlockingQueue<ChangeEvent<String, String>> queue) {
    try {
      ChangeEvent<String, String> event = queue.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (event == null) {
        throw new AssertionError("Debezium emitted nothing for " + PATIENCE_SECONDS + " s");
      }
      return event;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static JsonNode parse(String json) {
    try {
      return JSON.readTree(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Properties properties(
      PostgresServer server, String database, String slot, String publication) {
    Properties properties = new Properties();
    properties.setProperty("name", "oracle");
    properties.setProperty("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
    properties.setProperty(
        "offset.storage", "org.apache.kafka.connect.storage.MemoryOffsetBackingStore");
    properties.setProperty("offset.flush.interval.ms", "60000");
    properties.setProperty("database.hostname", server.host());
    properties.setProperty("database.port", Integer.toString(server.port()));
    properties.setProperty("database.user", "postgres");
    properties.setProperty("database.password", "postgres");
    properties.setProperty("database.dbname", database);
    properties.setProperty("topic.prefix", "pg2kinesis");
    properties.setProperty("plugin.name", "pgoutput");
    properties.setProperty("slot.name", slot);
    properties.setProperty("publication.name", publication);
    properties.setProperty("publication.autocreate.mode", "disabled");
    properties.setProperty("tombstones.on.delete", "false");
    properties.setProperty("skipped.operations", "none");
    properties.setProperty("provide.transaction.metadata", "true");
    properties.setProperty("key.converter.schemas.enable", "false");
    properties.setProperty("value.converter.schemas.enable", "false");
    properties.setProperty("converter.schemas.enable", "false");
    properties.setProperty("converter.json.schemas.enable", "false"); // of a CloudEvent's data
    // The modes that the debezium format has fixed.
    properties.setProperty("decimal.handling.mode", "string");
    properties.setProperty("time.precision.mode", "isostring");
    properties.setProperty("interval.handling.mode", "string");
    properties.setProperty("binary.handling.mode", "base64");
    return properties;
  }
}
