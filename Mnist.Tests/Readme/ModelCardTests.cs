using System.Globalization;
using System.Text.Json;
using Mnist.Inference;
using Mnist.Inference.Model;
using Mnist.Training.Evaluation;

namespace Mnist.Tests.Readme;

/// <summary>The model card's figures are those of the committed results, and these belong to the shipped weights.</summary>
internal sealed class ModelCardTests
{
    private const int Cascades = 5;

    private static readonly string Card = File.ReadAllText(Repository.PathOf("weights", "README.md"));

    [Test]
    public void Row_OfEachCascade_IsWhatItsResultSays([Range(1, Cascades)] int seed)
    {
        var (first, second, cascade) = (Result("first", seed), Result("second", seed), Result("cascade", seed));
        var test = cascade.GetProperty("mnistTestErrors");
        var calibration = cascade.GetProperty("calibration");
        string row = string.Create(CultureInfo.InvariantCulture,
            $"| {seed} | {Errors(first)} | {Errors(second)} | {Errors(cascade)} | {100 * Accuracy(cascade):0.00} % "
            + $"| {test.GetProperty("firstHalf")} + {test.GetProperty("secondHalf")} | {test.GetProperty("outsideDisputed")} "
            + $"| {100 * cascade.GetProperty("cascade").GetProperty("escalated").GetDouble():0.00} % "
            + $"| {cascade.GetProperty("cascade").GetProperty("meanMultiplyAdds").GetDouble():N0} "
            + $"| {100 * calibration.GetProperty("expectedCalibrationError").GetDouble():0.00} % | {calibration.GetProperty("negativeLogLikelihood").GetDouble():0.0000} |");

        Assert.That(Card, Does.Contain(row));
    }

    [Test]
    public void MeanAndDeviation_OfTheCascades_AreThoseOfTheirResults()
    {
        double[] accuracies = [.. Enumerable.Range(1, Cascades).Select(seed => 100 * Accuracy(Result("cascade", seed)))];
        double mean = accuracies.Average();
        double deviation = Math.Sqrt(accuracies.Sum(accuracy => Math.Pow(accuracy - mean, 2)) / (Cascades - 1));

        Assert.That(Card, Does.Contain(string.Create(CultureInfo.InvariantCulture, $"**{mean:0.000} % ± {deviation:0.000}**")));
    }

    [Test]
    public void ShippedWeights_AreThoseOfTheFirstResultWithWhatRejects()
    {
        using var folder = new TemporaryFolder();
        var network = Network.Load(Repository.PathOf("weights", "mnist.safetensors"));
        string cascade = new CascadeWeights(network.Stages[0], network.Stages[1], network.Cascade!).Save(folder.PathOf("cascade"));

        Assert.That(Result("cascade", 1).GetProperty("network").GetString(), Does.Contain(cascade));
        Assert.That(Read("reject.json").GetProperty("network").GetString(), Does.Contain(network.Sha256));
        Assert.That(Card, Does.Contain(cascade));
    }

    [Test]
    public void Table_OfWhatIsNoDigit_IsWhatItsResultSays()
    {
        var result = Read("reject.json").GetProperty("result");
        var kinds = result.GetProperty("kinds").EnumerateArray().ToList();

        Assert.That(kinds, Has.Count.EqualTo(24));
        Assert.That(Card, Does.Contain(string.Create(CultureInfo.InvariantCulture, $"**{result.GetProperty("auroc").GetDouble():0.0000}**")));
        foreach (var kind in kinds)
        {
            string group = kind.GetProperty("group").GetString()!;
            string auroc = group == OodEvaluation.Digits ? "" : kind.GetProperty("auroc").GetDouble().ToString("0.0000", CultureInfo.InvariantCulture);
            Assert.That(Card, Does.Contain(string.Create(CultureInfo.InvariantCulture,
                $"| {group} | {kind.GetProperty("name").GetString()} | {kind.GetProperty("count").GetInt32():N0} | {auroc} "
                + $"| {Percent(kind, "notADigit")} | {Percent(kind, "lowConfidence")} | {Percent(kind, "rejected")} |")));
        }
    }

    [Test]
    public void Robustness_OfEachCorruption_IsWhatItsResultSays()
    {
        var corruptions = Read("corruptions.json").GetProperty("corruptions").EnumerateArray().ToList();

        Assert.That(corruptions, Has.Count.GreaterThan(20));
        foreach (var corruption in corruptions)
        {
            string row = string.Create(CultureInfo.InvariantCulture,
                $"| {corruption.GetProperty("name").GetString()} | {corruption.GetProperty("strength").GetString()} | {100 * Accuracy(corruption):0.00} % |");
            Assert.That(Card, Does.Contain(row));
        }
    }

    private static string Percent(JsonElement kind, string share) => string.Create(CultureInfo.InvariantCulture, $"{100 * kind.GetProperty(share).GetDouble():0.00} %");

    /// <summary>The line that weights/train.sh wrote for one network: <c>first</c>, <c>second</c> or <c>cascade</c>.</summary>
    private static JsonElement Result(string network, int seed) => Parse(
        File.ReadLines(PathOf("seeds.jsonl")).Single(line => line.Contains($"/{network}-{seed}", StringComparison.Ordinal)));

    private static JsonElement Read(string file) => Parse(File.ReadAllText(PathOf(file)));

    private static string PathOf(string file) => Repository.PathOf("weights", "results", file);

    private static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    private static int Errors(JsonElement result) => result.GetProperty("errors").GetArrayLength();

    private static double Accuracy(JsonElement result) => result.GetProperty("accuracy").GetDouble();
}
