/** The position remembered outside the database, and the check for missing changes. */
@NullMarked
package dev.pg2kinesis.watermark;

import org.jspecify.annotations.NullMarked;
