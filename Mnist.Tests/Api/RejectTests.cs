using System.Text.Json;
using Mnist.Core.Models;

namespace Mnist.Tests.Api;

/// <summary>The switch <c>reject</c>, with the weights of the repository.</summary>
public sealed class RejectTests
{
    private const string Reject = $"{MnistServer.Path}?reject=true";

    private MnistServer _server = null!;

    [OneTimeSetUp]
    public void Start() => _server = MnistServer.Start(
        ("Mnist:WeightsPath", Repository.PathOf("weights", "mnist.safetensors")), ("Mnist:MaxSelfTestErrors", "2"));

    [OneTimeTearDown]
    public async Task StopAsync() => await _server.DisposeAsync();

    [Test]
    public async Task Digits_AreDigitsAndNothingElseChanges()
    {
        using var plain = await _server.PostAsync(MnistServer.Body(SelfTest.Digits));
        using var judged = await _server.PostAsync(MnistServer.Body(SelfTest.Digits), Reject);
        string expected = (await plain.Content.ReadAsStringAsync()).Replace("}", ",\"digit\":true}", StringComparison.Ordinal);

        Assert.That(await judged.Content.ReadAsStringAsync(), Is.EqualTo(expected[..^",\"digit\":true}".Length] + "}"));
    }

    [Test]
    public async Task BlankWhiteNoiseAndADigit_OnlyTheDigitIsOne()
    {
        byte[] noise = new byte[28 * 28];
        new Random(3).NextBytes(noise);
        string[] images = [Png(new byte[28 * 28]), Png([.. Enumerable.Repeat(byte.MaxValue, 28 * 28)]), Png(noise), SelfTest.Digits[7]];
        using var response = await _server.PostAsync(MnistServer.Body(images), $"{Reject}&probabilities=true");
        var answers = await ProblemAssert.ResponsesAsync(response);

        Assert.That(answers.Select(answer => answer.GetProperty("digit").GetBoolean()), Is.EqualTo(new[] { false, false, false, true }));
        Assert.That(answers.Take(3).Select(answer => answer.GetProperty("reason").GetString()), Is.All.EqualTo("not_a_digit"));
        Assert.That(Members(answers[0]), Is.EqualTo(new[] { "class", "probability", "probabilities", "digit", "reason" }));
        Assert.That(Members(answers[3]), Is.EqualTo(new[] { "class", "probability", "probabilities", "digit" }));
    }

    [TestCase("?reject=false")]
    [TestCase("?reject")]
    [TestCase("?reject=true&reject=true")]
    public async Task AnotherValue_Is400(string query)
    {
        using var response = await _server.PostAsync(MnistServer.Body(SelfTest.Digits[0]), MnistServer.Path + query);

        Assert.That(ProblemAssert.Paths(await ProblemAssert.IsProblemAsync(response, 400, "invalid-request")), Is.EqualTo(new[] { "reject" }));
    }

    [Test]
    public async Task WeightsWithoutOodDetector_Are400()
    {
        using var response = await SharedServer.Server.PostAsync(MnistServer.Body(TestDigits.Base64()), Reject);

        Assert.That(ProblemAssert.Paths(await ProblemAssert.IsProblemAsync(response, 400, "invalid-request")), Is.EqualTo(new[] { "reject" }));
    }

    private static string Png(byte[] pixels) => Convert.ToBase64String(PngWriter.Encode(pixels));

    private static string[] Members(JsonElement answer) => [.. answer.EnumerateObject().Select(member => member.Name)];
}
