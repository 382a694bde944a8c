/** Rows on their way from the server to the decoder; no JDBC and no AWS SDK. */
@NullMarked
package dev.pg2kinesis.window;

import org.jspecify.annotations.NullMarked;
