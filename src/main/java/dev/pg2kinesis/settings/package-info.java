/** The operator's settings: reading, checking, and access to the database. */
@NullMarked
package dev.pg2kinesis.settings;

import org.jspecify.annotations.NullMarked;
