using System.Text.Json;
using System.Xml.Linq;
using Mnist.Tests.Training.Evaluation;
using Mnist.Training;
using Mnist.Training.Data;
using Mnist.Training.Evaluation;
using Mnist.Training.Reports;
using SkiaSharp;

namespace Mnist.Tests.Training.Reports;

internal sealed class TrainingReportTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";
    private static readonly DigitDataset Digits = TestData.MnistTest.Slice(0, 1000);

    private TemporaryFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TemporaryFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void Write_RunWithErrors_ShowsThePixelsOfEach()
    {
        var result = Write(Run(20, validated: true), wrong: [3, 120, 247, 947]);

        XElement[] images = [.. Read("errors.svg").Descendants(Svg + "image")];
        int[] drawn = [.. images.Select(image => Enumerable.Range(0, Digits.Count).Single(i => Pixels(image).SequenceEqual(Digits.Image(i))))];
        Assert.That(drawn, Is.EquivalentTo(new[] { 3, 120, 247, 947 }));
        Assert.That(Texts("errors.svg"), Does.Contain("no. 247").And.Contain($"{Digits.Labels[247]} → {(Digits.Labels[247] + 1) % 10}"));
        Assert.That(Texts("errors.svg"), Does.Contain($"{Digits.Labels[947]}* → {(Digits.Labels[947] + 1) % 10}"), "disputed label");
        Assert.That(Texts("confusion.svg"), Does.Contain("99.60 % of 1,000").And.Contain("MNIST test set: 4 errors"));
        Assert.That(result.Confusion.SelectMany(row => row).Where(count => count > 0).Select(count => $"{count}"), Is.SubsetOf(Texts("confusion.svg")));
    }

    [Test]
    public void Write_OverAnEarlierReport_ReplacesItsErrorImages()
    {
        Write(Run(1, validated: true), wrong: [5]);
        Write(Run(1, validated: true), wrong: [3, 120]);

        string[] files = [.. Directory.GetFiles(_folder.PathOf("errors")).Order()];
        Assert.That(files.Select(Path.GetFileName), Is.EqualTo(new[] { "00003-0-as-1.png", "00120-5-as-6.png" }));
        Assert.That(Pixels(File.ReadAllBytes(files[1])), Is.EqualTo(Digits.Image(120).ToArray()));
    }

    [Test]
    public void Write_AnyNumberOfEpochs_DrawsTheCurves([Values(1, 2, 20, 1000)] int epochs, [Values] bool validated)
    {
        Write(Run(epochs, validated), wrong: []);

        XElement[] curves = [.. Read("curves.svg").Descendants(Svg + "polyline")];
        Assert.That(curves, Has.Length.EqualTo(validated ? 2 : 1));
        foreach (var curve in curves)
        {
            string[] points = curve.Attribute("points")!.Value.Split(' ');
            Assert.That(points, Has.Length.EqualTo(epochs));
            Assert.That(points, Is.All.Match(@"^\d+(\.\d)?,\d+(\.\d)?$"));
        }

        Assert.That(Texts("errors.svg"), Does.Contain("0 digits read wrong"));
    }

    [Test]
    public void Write_Metrics_HaveRecipeEpochsAndResult()
    {
        Write(Run(3, validated: true), wrong: [7]);

        var metrics = JsonDocument.Parse(File.ReadAllText(_folder.PathOf("metrics.json"))).RootElement;
        Assert.That(metrics.GetProperty("options").GetProperty("seed").GetInt32(), Is.EqualTo(5));
        Assert.That(metrics.GetProperty("options").GetProperty("architecture").GetProperty("layers").GetArrayLength(), Is.EqualTo(4));
        Assert.That(metrics.GetProperty("epochs").EnumerateArray().Select(epoch => epoch.GetProperty("validationErrors").GetInt32()), Is.EqualTo(new[] { 300, 150, 100 }));
        Assert.That(metrics.GetProperty("evaluation").GetProperty("accuracy").GetDouble(), Is.EqualTo(0.999));
        Assert.That(metrics.GetProperty("evaluation").GetProperty("errors")[0].GetProperty("index").GetInt32(), Is.EqualTo(7));
        Assert.That(File.ReadAllText(_folder.PathOf("index.html")), Does.Contain("mnist train --output &lt;here&gt;").And.Contain("</svg>"));
    }

    [Test]
    public void Write_ConfidenceOne_DrawsTheLastBin()
    {
        Write(Run(1, validated: true), wrong: [7, 8]);

        // Confidence is 1 for all digits, so the network expects none of the two errors.
        Assert.That(Texts("reliability.svg"), Does.Contain("0.20 % expected calibration error").And.Contain("1,000").And.Contain("0.0").And.Contain("2"));
        var calibration = JsonDocument.Parse(File.ReadAllText(_folder.PathOf("metrics.json"))).RootElement.GetProperty("evaluation").GetProperty("calibration");
        Assert.That(calibration.GetProperty("expectedCalibrationError").GetDouble(), Is.EqualTo(0.002).Within(1e-12));
        Assert.That(calibration.GetProperty("bins").GetArrayLength(), Is.EqualTo(15));
        Assert.That(File.ReadAllText(_folder.PathOf("index.html")), Does.Contain("expected calibration error"));
    }

    private EvaluationResult Write(Checkpoint run, int[] wrong)
    {
        var classes = Digits.Labels.Select((label, i) => wrong.Contains(i) ? (label + 1) % 10 : label);
        var result = EvaluationResult.FromProbabilities(Digits.Labels, EvaluationResultTests.OneHot(classes));
        new TrainingReport(run, Digits, ModelCard.MnistTestSet, result, new string('0', 64)).Write(_folder.Path);
        return result;
    }

    private XDocument Read(string name) => XDocument.Load(_folder.PathOf(name));

    private string[] Texts(string name) => [.. Read(name).Descendants(Svg + "text").Select(text => text.Value)];

    private static byte[] Pixels(XElement image)
    {
        string data = image.Attribute("href")!.Value;
        return Pixels(Convert.FromBase64String(data[(data.IndexOf(',', StringComparison.Ordinal) + 1)..]));
    }

    private static byte[] Pixels(byte[] png)
    {
        using var bitmap = SKBitmap.Decode(png);
        return [.. bitmap.Pixels.Select(pixel => pixel.Red)];
    }

    private static Checkpoint Run(int epochs, bool validated) => new()
    {
        Command = "mnist train --output <here>",
        Options = TrainerTests.Quick,
        Validation = validated,
        ImageCount = 640,
        DataSha256 = new string('0', 64),
        State = new TrainerState(0, 0, 0, [], [], [], []),
        Epochs = [.. Enumerable.Range(1, epochs).Select(epoch => new EpochMetrics(1f / epoch, 1e-3f, 4000, validated ? 300 / epoch : null))],
        TrainingTime = TimeSpan.FromMinutes(3),
    };
}
