using Mnist.Client;

namespace Mnist.Tests.Client;

public sealed class ClassifyOptionsTests
{
    [TestCase(false, false, false, false, "")]
    [TestCase(false, true, false, false, "?normalize=true")]
    [TestCase(false, false, false, true, "?reject=true")]
    [TestCase(true, true, true, true, "?probabilities=true&normalize=true&preview=true&reject=true")]
    public async Task ClassifyAsync_Options_BecomeTheQuery(bool probabilities, bool normalize, bool preview, bool reject, string query)
    {
        await using var server = new ScriptedServer((_, reply) => reply.JsonAsync(500, ""));
        using var factory = new ClientFactory(server.Address);
        var options = new ClassifyOptions { Probabilities = probabilities, Normalize = normalize, Preview = preview, Reject = reject };

        await Assert.ThrowsAsync<MnistClientException>(() => factory.Client.ClassifyAsync([1], options));

        Assert.That(server.Requests.Single().RequestLine, Is.EqualTo($"POST /mnist/classify{query} HTTP/1.1"));
    }

    [Test]
    public async Task ClassifyAsync_Preview_ReturnsFileAndBox()
    {
        await using var server = new ScriptedServer((_, reply) => reply.JsonAsync(200, ContractSample.Read("response-preview.json")));
        using var factory = new ClientFactory(server.Address);

        var answer = await factory.Client.ClassifyAsync(new MemoryStream([1]), new ClassifyOptions { Normalize = true, Preview = true });

        Assert.That(answer.Preview, Is.EqualTo(new byte[] { 0x89, (byte)'P', (byte)'N', (byte)'G' }));
        Assert.That(answer.Box, Is.EqualTo(new DigitBox(120, 80, 33, 200)));
    }

    [Test]
    public async Task ClassifyAsync_PreviewMissing_Throws()
    {
        await using var server = new ScriptedServer((_, reply) => reply.JsonAsync(200, """{"responses":[{"class":7,"probability":0.5}]}"""));
        using var factory = new ClientFactory(server.Address);

        await Assert.ThrowsAsync<MnistClientException>(() => factory.Client.ClassifyAsync([1], new ClassifyOptions { Preview = true }));
    }

    [Test]
    public async Task ClassifyAsync_Reject_ReturnsDigitAndReason()
    {
        await using var server = new ScriptedServer((_, reply) => reply.JsonAsync(200, ContractSample.Read("response-reject.json")));
        using var factory = new ClientFactory(server.Address);

        var answers = await factory.Client.ClassifyAsync([[1], [2], [3]], new ClassifyOptions { Reject = true });

        Assert.That(answers.Select(answer => answer.Digit), Is.EqualTo(new bool?[] { true, false, false }));
        Assert.That(answers.Select(answer => answer.Reason), Is.EqualTo(new[] { null, Classification.LowConfidence, Classification.NotADigit }));
    }

    [Test]
    public async Task ClassifyAsync_DigitMissing_Throws()
    {
        await using var server = new ScriptedServer((_, reply) => reply.JsonAsync(200, """{"responses":[{"class":7,"probability":0.5}]}"""));
        using var factory = new ClientFactory(server.Address);

        await Assert.ThrowsAsync<MnistClientException>(() => factory.Client.ClassifyAsync([1], new ClassifyOptions { Reject = true }));
    }

    [Test]
    public async Task ClassifyAsync_Photos_AreSplitByCountAndSize()
    {
        await using var server = new ScriptedServer((request, reply) => reply.EchoAsync(request));
        using var factory = new ClientFactory(server.Address);
        int[] sizes = [20_000, 900_000, 900_000, .. Enumerable.Repeat(100, 10), MnistClient.MaxPhotoBytes / 8];
        byte[][] photos = [.. sizes.Select((size, i) => Enumerable.Repeat((byte)i, size).ToArray())];

        var answers = await factory.Client.ClassifyAsync(photos, new ClassifyOptions { Normalize = true });
        var tooLarge = await Assert.ThrowsAsync<MnistClientException>(
            () => factory.Client.ClassifyAsync([[1], new byte[MnistClient.MaxPhotoBytes + 1]], new ClassifyOptions { Normalize = true }));

        Assert.That(answers.Select(answer => answer.Class), Is.EqualTo(Enumerable.Range(0, sizes.Length).Select(i => i % 10)));
        Assert.That(server.Requests.Select(request => request.Images().Length), Is.EquivalentTo([8, 6]));
        Assert.That(tooLarge.ImageErrors.Keys, Is.EqualTo([1]));
    }
}
