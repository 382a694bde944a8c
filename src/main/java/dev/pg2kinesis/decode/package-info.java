/** One decoder per logical decoding output plugin: raw rows in, changes out, no input or output. */
@NullMarked
package dev.pg2kinesis.decode;

import org.jspecify.annotations.NullMarked;
