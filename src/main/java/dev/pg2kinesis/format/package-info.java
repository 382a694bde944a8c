/** Turns changes into records: filters, formats and partition keys, no input or output. */
@NullMarked
package dev.pg2kinesis.format;

import org.jspecify.annotations.NullMarked;
