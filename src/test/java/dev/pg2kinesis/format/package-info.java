/** Tests of the formats, with changes built by hand. */
@NullMarked
package dev.pg2kinesis.format;

import org.jspecify.annotations.NullMarked;
