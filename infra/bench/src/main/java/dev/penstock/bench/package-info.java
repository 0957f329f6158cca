/// Measures what design and README promise, each way beside its baseline in the same run, and says
/// where the time goes. A figure whose load client saw anything wrong is not reported.
@NullMarked
package dev.penstock.bench;

import org.jspecify.annotations.NullMarked;
