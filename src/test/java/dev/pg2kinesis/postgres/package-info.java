/** Real PostgreSQL servers for tests and the demo. */
@NullMarked
package dev.pg2kinesis.postgres;

import org.jspecify.annotations.NullMarked;
