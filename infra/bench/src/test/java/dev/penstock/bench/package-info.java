@NullMarked
package dev.penstock.bench;

import org.jspecify.annotations.NullMarked;
