import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/// Reads the reports of a test run below the working directory and prints what was run, passed and skipped, by module.
/// Exits with 1 if a test failed or none ran.
final class TestReport {
  private static final Set<String> SKIPPED = Set.of("node_modules", ".penstock", ".git");

  private final Map<String, int[]> modules = new TreeMap<>();
  private final Map<String, Double> seconds = new TreeMap<>();
  private final List<String> failed = new ArrayList<>();
  private final List<String> skipped = new ArrayList<>();

  public static void main(String[] arguments) throws Exception {
    TestReport report = new TestReport();
    List<Path> files = new ArrayList<>();
    Files.walkFileTree(
        Path.of("."),
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            return SKIPPED.contains(directory.getFileName().toString())
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (isReport(file)) {
              files.add(file);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException unreadable) {
            return FileVisitResult.CONTINUE;
          }
        });
    files.sort(null);
    for (Path file : files) {
      report.read(file);
    }
    System.exit(report.print());
  }

  private static boolean isReport(Path file) {
    return file.getFileName().toString().matches("TEST-.*\\.xml")
        && file.getParent().getFileName().toString().equals("surefire-reports");
  }

  private void read(Path file) throws Exception {
    String module = Path.of(".").relativize(file.getParent().getParent().getParent()).toString();
    DocumentBuilder builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
    NodeList cases = builder.parse(file.toFile()).getElementsByTagName("testcase");
    int[] counts = modules.computeIfAbsent(module, _ -> new int[3]);
    for (int i = 0; i < cases.getLength(); i++) {
      Element test = (Element) cases.item(i);
      String name = module + ": " + test.getAttribute("classname") + "." + test.getAttribute("name");
      seconds.merge(module, Double.parseDouble(test.getAttribute("time").replace(",", "")), Double::sum);
      if (has(test, "failure") || has(test, "error")) {
        counts[1]++;
        failed.add(name);
      } else if (has(test, "skipped")) {
        counts[2]++;
        skipped.add(name);
      } else {
        counts[0]++;
      }
    }
  }

  private static boolean has(Element test, String child) {
    return test.getElementsByTagName(child).getLength() > 0;
  }

  private int print() throws IOException {
    int[] all = new int[3];
    System.out.println();
    System.out.printf("%-24s %8s %8s %8s %8s%n", "module", "passed", "failed", "skipped", "seconds");
    modules.forEach(
        (module, counts) -> {
          System.out.printf(
              Locale.ROOT,
              "%-24s %8d %8d %8d %8.0f%n",
              module,
              counts[0],
              counts[1],
              counts[2],
              seconds.getOrDefault(module, 0.0));
          for (int i = 0; i < all.length; i++) {
            all[i] += counts[i];
          }
        });
    skipped.forEach(name -> System.out.println("skipped  " + name));
    failed.forEach(name -> System.out.println("FAILED   " + name));
    System.out.printf("%d passed, %d failed, %d skipped%n", all[0], all[1], all[2]);
    return all[1] > 0 || all[0] == 0 ? 1 : 0;
  }
}
