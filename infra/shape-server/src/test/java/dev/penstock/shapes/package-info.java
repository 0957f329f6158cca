@NullMarked
package dev.penstock.shapes;

import org.jspecify.annotations.NullMarked;
