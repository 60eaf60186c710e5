using System.Text.Json;
using Mnist.Inference.Kernels;
using Mnist.Inference.Plan;
using Mnist.Tests.Training.Data;
using Mnist.Training.Evaluation;
using Mnist.Training.Synthesis.Photos;
using SkiaSharp;

namespace Mnist.Tests.Cli;

public class EvaluateCommandTests
{
    private static readonly string Shipped = Repository.PathOf("weights", "mnist.safetensors");

    [Test]
    public async Task Evaluate_MnistTest_PrintsAccuracyAndConfusion()
    {
        var (exitCode, output, error) = await CliRun.InProcessAsync("evaluate", "--weights", RandomWeights.Path, "--data", TestData.Folder);

        Assert.That(error, Is.Empty);
        Assert.That(exitCode, Is.Zero);
        Assert.That(output, Does.StartWith($"MNIST test set, by {RandomWeights.Path} (SHA-256 ")
            .And.Match(@"accuracy +\d+\.\d\d % ± 0\.\d\d \(standard error\), \d{4} errors in 10000, \d+ images/s")
            .And.Match(@"\n +\d+ in the first half \(students\), \d+ in the second \(employees\), \d+ outside the 15 disputed labels")
            .And.Match(@"calibration  expected calibration error \d+\.\d\d % \(15 bins\), mean confidence \d+\.\d\d %, negative log-likelihood \d+\.\d{4}, Brier score \d\.\d{4}")
            .And.Match(@"\n +label +as 0 +as 1").And.Match(@"more \(--json lists all\)").And.Not.Contain("\u001b"));
    }

    [Test]
    public async Task Evaluate_AsJson_HasConsistentCounts()
    {
        var (exitCode, output, _) = await CliRun.InProcessAsync("evaluate", "--weights", RandomWeights.Path, "--data", TestData.Folder, "--json");
        var report = JsonDocument.Parse(output).RootElement;
        int errors = report.GetProperty("errors").GetArrayLength();
        var mnist = report.GetProperty("mnistTestErrors");
        int[][] confusion = report.GetProperty("confusion").Deserialize<int[][]>()!;

        Assert.That(exitCode, Is.Zero);
        Assert.That(report.GetProperty("count").GetInt32(), Is.EqualTo(10_000));
        Assert.That(report.GetProperty("accuracy").GetDouble(), Is.EqualTo(1 - errors / 10_000.0).Within(1e-12));
        Assert.That(mnist.GetProperty("firstHalf").GetInt32() + mnist.GetProperty("secondHalf").GetInt32(), Is.EqualTo(errors));
        Assert.That(mnist.GetProperty("outsideDisputed").GetInt32(), Is.InRange(errors - 15, errors));
        Assert.That(confusion.Sum(row => row.Sum()), Is.EqualTo(10_000));
        Assert.That(confusion[7].Sum(), Is.EqualTo(1028), "rows are labels");
        Assert.That(Enumerable.Range(0, 10).Sum(digit => confusion[digit][digit]), Is.EqualTo(10_000 - errors));
    }

    [Test]
    public async Task Evaluate_Corruptions_AreReproducible()
    {
        using var folder = new TemporaryFolder();
        var (images, labels) = Idx.Write(folder, TestData.MnistTest.Slice(0, 100));
        string[] arguments = ["evaluate", "--weights", RandomWeights.Path, "--images", images, "--labels", labels, "--corruptions"];

        var json = await CliRun.InProcessAsync([.. arguments, "--json"]);
        var again = await CliRun.InProcessAsync([.. arguments, "--json"]);
        var table = await CliRun.InProcessAsync(arguments);

        var corruptions = json.Json.GetProperty("corruptions");
        Assert.That((json.ExitCode, json.Error), Is.EqualTo((0, "")));
        Assert.That(corruptions.GetArrayLength(), Is.EqualTo(Corruption.All.Count));
        Assert.That(again.Json.GetProperty("corruptions").GetRawText(), Is.EqualTo(corruptions.GetRawText()));
        var first = corruptions[0];
        double clean = json.Json.GetProperty("accuracy").GetDouble();
        double accuracy = first.GetProperty("accuracy").GetDouble();
        double worst = first.GetProperty("worstAccuracy").GetDouble();
        FormattableString row = $"shift ± 1 px {100 * accuracy:0.00} % {100 * (clean - accuracy):0.00} {100 * (clean - worst):0.00}";
        Assert.That(table.Output.Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))), Does.Contain(FormattableString.Invariant(row)));
    }

    [Test]
    public async Task Evaluate_Plan_PrintsTheCostOfEachStep()
    {
        using var folder = new TemporaryFolder();
        var (images, labels) = Idx.Write(folder, TestData.MnistTest.Slice(0, 10));
        string cascade = folder.PathOf("cascade.safetensors");
        RandomCascade.OfDigits(threshold: 0.5, temperature: 1).Save(cascade);
        string[] arguments = ["evaluate", "--weights", cascade, "--images", images, "--labels", labels, "--plan"];

        var table = await CliRun.InProcessAsync(arguments);
        var json = await CliRun.InProcessAsync([.. arguments, "--json"]);

        string[] rows = [.. table.Output.Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))];
        Assert.That((table.ExitCode, table.Error), Is.EqualTo((0, "")));

        // 24x24 pixels x 25 taps x 16 channels, with 8 matrices of 5 x 16; 6x6 pixels x 9 taps x 16 x 20 channels, in one tile with 32 channels
        // for the 20 and 64 matrices of 16 x 32.
        Assert.That(rows, Does.Contain($"conv1 + relu 24x24x16 F(4, 5) 230,400 {ConvolutionCost.WinogradColumns(WinogradVariant.ForGreyImages[0], rows: 6, columns: 24, outputs: 16):N0} 2,624 4"));
        Assert.That(rows, Does.Contain($"conv2 + relu 6x6x20 F(6x6, 3x3) 103,680 {ConvolutionCost.Winograd(LargeTile3x3.Variant, tiles: 1, inputs: 16, outputs: 32, images: 24):N0} 131,200 24"));
        Assert.That(rows, Does.Contain("dense1 1x1x10 product 7,200 18,432 73,792 all"));
        Assert.That(rows, Has.Exactly(2).StartsWith("total ").And.Exactly(1).EqualTo("plan of network 2"));
        var plans = json.Json.GetProperty("plans");
        Assert.That(plans.EnumerateArray().Select(plan => plan.GetArrayLength()), Is.EqualTo(new[] { 4, 4 }));
        Assert.That(plans[0][2].GetProperty("algorithm").GetString(), Is.EqualTo("F(6x6, 3x3)"));
    }

    [Test]
    public async Task Evaluate_SimulatedPhotos_CountsEveryDigitOnce()
    {
        const int Digits = 30;
        using var folder = new TemporaryFolder();
        var (images, labels) = Idx.Write(folder, TestData.MnistTest.Slice(0, Digits));
        string sheet = folder.PathOf("sheet.png");
        string[] arguments = ["evaluate", "--weights", Shipped, "--images", images, "--labels", labels, "--simulated-photos"];

        var json = await CliRun.InProcessAsync([.. arguments, "--json"]);
        var table = await CliRun.InProcessAsync([.. arguments, "--photo-sheet", sheet]);

        Assert.That((json.ExitCode, json.Error, table.ExitCode, table.Error), Is.EqualTo((0, "", 0, "")));
        var photos = json.Json.GetProperty("simulatedPhotos");
        var simulations = photos.GetProperty("simulations").EnumerateArray().ToList();
        Assert.That(simulations, Has.Count.EqualTo(PhotoSimulation.All.Count));
        Assert.That(simulations.Sum(result => result.GetProperty("digits").GetInt32()), Is.EqualTo(Digits));
        Assert.That(photos.GetProperty("all").GetProperty("right").GetInt32(), Is.GreaterThanOrEqualTo(Digits - 2));
        Assert.That(photos.GetProperty("toReject").GetArrayLength(), Is.EqualTo(3), "every 14th digit");
        Assert.That(table.Output, Does.Match(@"\n +simulated photo +digits ").And.Match(@"\n +all +30 ").And.Match(@"\n +blank, drawing program +1 "));
        using var drawn = SKBitmap.Decode(sheet);
        Assert.That(drawn.Height, Is.Positive);
    }

    [Test]
    public async Task Evaluate_SimulatedLines_CountsEveryLine()
    {
        using var folder = new TemporaryFolder();
        var (images, labels) = Idx.Write(folder, TestData.MnistTest.Slice(0, 10));
        string misread = folder.PathOf("misread");
        string[] arguments = ["evaluate", "--weights", Shipped, "--images", images, "--labels", labels, "--simulated-lines", "--line-length", "1,2,10", "--line-count", "3"];

        var json = await CliRun.InProcessAsync([.. arguments, "--json", "--misread-lines", misread]);
        var table = await CliRun.InProcessAsync(arguments);

        Assert.That((json.ExitCode, json.Error, table.ExitCode, table.Error), Is.EqualTo((0, "", 0, "")));
        var lines = json.Json.GetProperty("simulatedLines").EnumerateArray().ToList();
        Assert.That(
            lines.Select(result => (result.GetProperty("length").GetInt32(), result.GetProperty("touching").GetBoolean(), result.GetProperty("lines").GetInt32())),
            Is.EqualTo(new[] { (1, false, 3), (2, false, 3), (10, false, 1), (2, true, 3), (10, true, 1) }));
        int wrong = lines.Sum(result => result.GetProperty("lines").GetInt32() - result.GetProperty("exact").GetInt32());
        Assert.That(Directory.Exists(misread) ? Directory.GetFiles(misread).Length : 0, Is.EqualTo(wrong));
        Assert.That(table.Output, Does.Match(@"\n +digits per line +touching +lines +correct ").And.Match(@"\n +10 +two +1 "));
    }

    [Test]
    public async Task Evaluate_SimulatedPhotosWithoutDetector_Exits1()
    {
        using var folder = new TemporaryFolder();
        var (images, labels) = Idx.Write(folder, TestData.MnistTest.Slice(0, 1));

        var run = await CliRun.InProcessAsync("evaluate", "--weights", RandomWeights.Path, "--images", images, "--labels", labels, "--simulated-photos");

        Assert.That((run.ExitCode, run.Output), Is.EqualTo((1, "")));
        Assert.That(run.ErrorLines.Single(), Does.Contain("no OOD detector").And.Contain("mnist reject --train"));
    }

    [Test]
    public async Task Evaluate_Server_SendsEveryDigitOnceAndInOrder()
    {
        var digits = TestData.MnistTest.Slice(500, 150);
        using var folder = new TemporaryFolder();
        var (images, labels) = Idx.Write(folder, digits);
        await using var server = new ScriptedServer((request, reply) => reply.JsonAsync(200, PixelSumClasses(request)));

        var (exitCode, output, error) = await CliRun.InProcessAsync("evaluate", "--server", server.Address.ToString(), "--images", images, "--labels", labels, "--json");
        var report = JsonDocument.Parse(output).RootElement;

        Assert.That(error, Is.Empty);
        Assert.That(exitCode, Is.Zero);
        int[] expected = [.. Enumerable.Range(0, digits.Count).Where(i => PixelSum(digits.Image(i)) % 10 != digits.Labels[i])];
        Assert.That(report.GetProperty("errors").EnumerateArray().Select(item => item.GetProperty("index").GetInt32()), Is.EqualTo(expected));
        Assert.That(report.TryGetProperty("mnistTestErrors", out _), Is.False);
        Assert.That(report.GetProperty("calibration").GetProperty("meanConfidence").GetDouble(), Is.EqualTo(0.5), "the server's probabilities");
    }

    [TestCase(1, "could not find file", "--images", "no-such-file", "--labels", "no-such-file")]
    [TestCase(1, "no such file", "--weights", "no-such-file", "--data", "{data}")]
    [TestCase(2, "could not be reached", "--server", "http://127.0.0.1:1", "--data", "{data}")]
    [TestCase(64, "exclude each other", "--server", "http://127.0.0.1:1", "--weights", "x")]
    [TestCase(64, "use --weights instead of --server", "--server", "http://127.0.0.1:1", "--corruptions")]
    [TestCase(64, "use --weights instead of --server", "--server", "http://127.0.0.1:1", "--plan")]
    [TestCase(64, "use --weights instead of --server", "--server", "http://127.0.0.1:1", "--simulated-photos")]
    [TestCase(64, "use --weights instead of --server", "--server", "http://127.0.0.1:1", "--simulated-lines")]
    [TestCase(64, "--photo-sheet requires --simulated-photos", "--photo-sheet", "x")]
    [TestCase(64, "--line-length requires --simulated-lines", "--line-length", "5")]
    [TestCase(64, "--line-count is 0, expected at least 1", "--simulated-lines", "--line-count", "0")]
    [TestCase(64, "require each other", "--images", "x")]
    [TestCase(64, "omit --set and --data", "--images", "x", "--labels", "x", "--set", "test")]
    [TestCase(64, "'test'", "--set", "best")]
    public async Task Evaluate_InvalidInput_PrintsOneLine(int expectedExitCode, string message, params string[] options)
    {
        var (exitCode, output, error) = await CliRun.InProcessAsync(["evaluate", .. options.Select(option => option.Replace("{data}", TestData.Folder))]);

        Assert.That(exitCode, Is.EqualTo(expectedExitCode));
        Assert.That(output, Is.Empty);
        Assert.That(error, Does.Contain(message).IgnoreCase.And.StartWith("mnist: ").And.EndWith("\n"));
        Assert.That(error.TrimEnd(), Does.Not.Contain("\n"));
    }

    [Test]
    public async Task Evaluate_NetworkForOtherImages_IsRejected()
    {
        string weights = RandomWeights.Other(side: 8, classCount: 3);

        var (exitCode, _, error) = await CliRun.InProcessAsync("evaluate", "--weights", weights, "--data", TestData.Folder);

        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(error, Is.EqualTo($"mnist: {weights}: a network from 8x8x1 to 3 classes, expected 28x28x1 to 10{Environment.NewLine}"));
    }

    // Classifies a digit by the sum of its pixels, so that the test detects a wrong pixel, a missing digit or a wrong order.
    private static string PixelSumClasses(ScriptedRequest request) => ScriptedReply.Responses(request.Images().Select(png =>
    {
        using var image = SKBitmap.Decode(png, new SKImageInfo(28, 28, SKColorType.Gray8, SKAlphaType.Opaque));
        return PixelSum(image.GetPixelSpan()) % 10;
    }), probabilities: true);

    private static int PixelSum(ReadOnlySpan<byte> pixels)
    {
        int sum = 0;
        foreach (byte pixel in pixels)
        {
            sum += pixel;
        }

        return sum;
    }
}
