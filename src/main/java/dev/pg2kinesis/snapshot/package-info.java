/**
 * Loads what the tables already hold, chunk by chunk, while changes flow. A chunk's rows are merged
 * into the changes at the place where the database snapshot that read them belongs.
 */
@NullMarked
package dev.pg2kinesis.snapshot;

import org.jspecify.annotations.NullMarked;
