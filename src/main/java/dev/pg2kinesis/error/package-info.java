/** The one shape of all failures: a stable code and an explanation. */
@NullMarked
package dev.pg2kinesis.error;

import org.jspecify.annotations.NullMarked;
