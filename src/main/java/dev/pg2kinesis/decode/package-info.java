/**
 * One decoder per logical decoding output plugin: raw rows in, changes out, no input or output.
 *
 * <ul>
 *   <li>What others use: {@link Plugin}, {@link Decoders}, {@link Decoder}, {@link CommitReader},
 *       {@link RawRow}, {@link DecodeException}.
 *   <li>pgoutput: {@code PgOutputDecoder}, through {@code PgOutputReader}. Its messages are {@code
 *       PgOutputTransaction}, {@code PgOutputRelation}, {@code PgOutputTuple}, {@code
 *       PgOutputMessage}; its types {@code PgOutputTypes}, {@code PgOutputBuiltInTypes}.
 *   <li>test_decoding: {@code TestDecodingDecoder}, {@code TestDecodingTuples}, {@code
 *       TestDecodingMessage}.
 *   <li>wal2json: {@code Wal2JsonDecoder} and {@code Wal2JsonTuples} for format version 2, {@code
 *       Wal2JsonV1Decoder} and {@code Wal2JsonV1Tuples} for version 1, {@code Wal2JsonRelation},
 *       {@code Wal2JsonRelations} and {@code Wal2JsonText} for both.
 *   <li>Text of test_decoding and wal2json: {@code TextCursor} reads it; {@code Identifiers},
 *       {@code JsonText}, {@code CommitTime}, {@code TypeNames} and {@code ValueForm} are its
 *       parts; {@code ColumnPath} and {@code SliceMap} remember what was read.
 *   <li>What the catalog adds, for changes that may be older: {@code TableView} with {@code
 *       NamedTypes}, {@code RowKeys} and {@code MissingColumns}; {@code KeyColumns} and {@code
 *       ColumnPlaces} are their parts, and pgoutput's too.
 *   <li>Amounts of money: {@code MoneyDecoder}, {@code MoneyText}, {@code NestedText}.
 * </ul>
 *
 * <p>All decoders give equal transactions for the same WAL, except for what a plugin cannot know:
 *
 * <ul>
 *   <li>Rows of tables without a replica identity: wal2json prints their inserts only.
 *   <li>{@code NaN} and infinities of numeric and floating-point columns: NULL in wal2json.
 *   <li>TRUNCATE: not in wal2json's format version 1; in version 2 without CASCADE and RESTART
 *       IDENTITY; in pgoutput for partitions only and not for their parent.
 *   <li>LSNs of changes: in wal2json's format version 1 all are that of the commit.
 *   <li>Contents of messages: cut at the first zero byte in wal2json; in test_decoding, where the
 *       database is not in UTF-8, converted to it.
 *   <li>Stored generated columns: not in pgoutput, but for PostgreSQL 18 where the publication says
 *       so. Virtual ones: not in the WAL, so nowhere.
 *   <li>Whether an update rewrote its key with a value of the same text: wal2json says it kept it.
 *   <li>Key columns of a table that the catalog does not have: none in test_decoding and wal2json's
 *       format version 1, the primary key in table order in version 2.
 *   <li>NULLs of old rows ({@code REPLICA IDENTITY FULL}; test_decoding, wal2json's format version
 *       1) and unchanged TOAST (wal2json), if the table was altered or dropped since.
 * </ul>
 *
 * {@code DecoderAgreementIT} is the proof, with each exception spelled out.
 */
@NullMarked
package dev.pg2kinesis.decode;

import org.jspecify.annotations.NullMarked;
