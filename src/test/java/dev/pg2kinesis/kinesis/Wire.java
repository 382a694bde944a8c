package dev.pg2kinesis.kinesis;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.dataformat.cbor.CBORGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The two encodings of one and the same messages. */
@SuppressWarnings("ImmutableEnumChecker") // A mapper is not changed once it is made.
enum Wire {
  JSON("application/x-amz-json-1.1", new ObjectMapper()),
  CBOR("application/x-amz-cbor-1.1", new ObjectMapper(new CBORFactory()));

  private static final int EPOCH_TIME_TAG = 1;

  private final String contentType;
  private final ObjectMapper mapper;

  Wire(String contentType, ObjectMapper mapper) {
    this.contentType = contentType;
    this.mapper = mapper;
  }

  static Wire of(@Nullable String contentType) {
    return CBOR.contentType.equals(contentType) ? CBOR : JSON;
  }

  String contentType() {
    return contentType;
  }

  JsonNode readTree(InputStream body) throws IOException {
    return mapper.readTree(body);
  }

  /** A {@code PutRecords} request, without a tree in between. */
  PutRecordsInput readPutRecords(InputStream body) throws IOException {
    String stream = "";
    List<FakeStream.Put> puts = new ArrayList<>();
    try (JsonParser parser = mapper.createParser(body)) {
      parser.nextToken();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String field = parser.currentName();
        parser.nextToken();
        switch (field) {
          case "StreamName", "StreamARN" -> stream = parser.getText();
          case "Records" -> {
            while (parser.nextToken() != JsonToken.END_ARRAY) {
              puts.add(readPut(parser));
            }
          }
          default -> parser.skipChildren();
        }
      }
    }
    return new PutRecordsInput(stream, puts);
  }

  private static FakeStream.Put readPut(JsonParser parser) throws IOException {
    String key = "";
    String hashKey = null;
    byte[] data = {};
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String field = parser.currentName();
      parser.nextToken();
      switch (field) {
        case "PartitionKey" -> key = parser.getText();
        case "ExplicitHashKey" -> hashKey = parser.getText();
        case "Data" -> data = parser.getBinaryValue();
        default -> parser.skipChildren();
      }
    }
    return new FakeStream.Put(key, hashKey, data);
  }

  byte[] write(Answer answer) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = mapper.createGenerator(out)) {
      json.writeStartObject();
      answer.writeTo(json);
      json.writeEndObject();
    }
    return out.toByteArray();
  }

  static void writeTime(JsonGenerator json, String field, long epochMillis) throws IOException {
    json.writeFieldName(field);
    if (json instanceof CBORGenerator cbor) {
      cbor.writeTag(EPOCH_TIME_TAG);
      cbor.writeNumber(epochMillis);
    } else {
      json.writeNumber(java.math.BigDecimal.valueOf(epochMillis, 3));
    }
  }

  /** The fields of an answer. */
  interface Answer {
    void writeTo(JsonGenerator json) throws IOException;
  }

  /** The input of {@code PutRecords}; the stream's name or ARN. */
  record PutRecordsInput(String stream, List<FakeStream.Put> puts) {}
}
