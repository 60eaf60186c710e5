using Mnist.Client;

namespace Mnist.Tests.Client;

/// <summary><c>ReadAsync</c>.</summary>
public sealed class ReadTests
{
    [Test]
    public async Task ReadAsync_TwoImages_ReturnsDigitsAndBoxes()
    {
        await using var server = new ScriptedServer((_, reply) => reply.JsonAsync(200, ContractSample.Read("response-read.json")));
        using var factory = new ClientFactory(server.Address);

        var readings = await factory.Client.ReadAsync([[1], [2]]);

        Assert.That(server.Requests.Single().RequestLine, Is.EqualTo("POST /mnist/read HTTP/1.1"));
        Assert.That(readings.Select(reading => (reading.Text, reading.Probability)), Is.EqualTo(new[] { ("93", 0.375), ("0", 1.0) }));
        Assert.That(readings[0].Digits.Select(digit => (digit.Class, digit.Probability, digit.Box)), Is.EqualTo(new (int, double, DigitBox?)[]
        {
            (9, 0.75, new DigitBox(120, 80, 33, 50)), (3, 0.5, new DigitBox(170, 82, 30, 49)),
        }));
    }

    [TestCase("""{"responses":[{"text":"7","probability":0.5}]}""")]
    [TestCase("""{"responses":[{"text":"8","probability":0.5,"digits":[{"class":7,"probability":0.5,"box":{"x":1,"y":1,"width":1,"height":1}}]}]}""")]
    [TestCase("""{"responses":[{"text":"7","probability":0.5,"digits":[{"class":7,"probability":0.5}]}]}""")]
    [TestCase("""{"responses":[{"text":"7","probability":0.5,"digits":[null]}]}""")]
    public async Task ReadAsync_InvalidResponse_Throws(string response)
    {
        await using var server = new ScriptedServer((_, reply) => reply.JsonAsync(200, response));
        using var factory = new ClientFactory(server.Address);

        var failure = await Assert.ThrowsAsync<MnistClientException>(() => factory.Client.ReadAsync([1]));

        Assert.That(failure.Message, Does.Contain("no classification"));
    }

    [Test]
    public async Task ReadAsync_FileTooLarge_IsNotSent()
    {
        await using var server = new ScriptedServer((_, reply) => reply.JsonAsync(200, ""));
        using var factory = new ClientFactory(server.Address);
        using var folder = new TemporaryFolder();
        string path = folder.Write("large.jpg", new byte[MnistClient.MaxPhotoBytes + 1]);

        var failure = await Assert.ThrowsAsync<MnistClientException>(() => factory.Client.ReadAsync(new FileInfo(path)));

        Assert.That(failure.ImageErrors.Keys, Is.EqualTo([0]));
        Assert.That(server.Requests, Is.Empty);
    }
}
