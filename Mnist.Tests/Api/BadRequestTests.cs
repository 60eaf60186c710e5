using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Mnist.Core.Admission;

namespace Mnist.Tests.Api;

/// <summary>
/// Every bad request, on a new connection and on one that was used: the answer must be the one of the contract, and the good request that follows,
/// on the same connection where the server kept it, must get its own answer to the last bit.
/// </summary>
[CancelAfter(60_000)]
public sealed class BadRequestTests
{
    private const int GoodDigit = 5;

    private static readonly Lazy<KnownDigits> LazyDigits = new(() => KnownDigits.OfRandomWeights(64));

    private static KnownDigits Digits => LazyDigits.Value;

    private static IEnumerable<BadRequest> All => [.. WireCases.All(Digits.Body(0)), .. ContractCases.All(Digits.Body(0)), .. ImageCases.All(Digits)];

    private static IEnumerable<TestCaseData<BadRequest>> Cases() => All
        .Select(bad => new TestCaseData<BadRequest>(bad).SetArgDisplayNames(bad.Name));

    [TestCaseSource(nameof(Cases))]
    public async Task BadRequest_GetsItsAnswer_AndTheNextOneIsRight(BadRequest bad, CancellationToken cancellationToken)
    {
        foreach (bool isUsed in (bool[])[false, true])
        {
            await using var connection = await OpenAsync(cancellationToken);
            if (isUsed)
            {
                await AssertGoodAsync(connection, cancellationToken);
            }

            bool isKept = await AssertAnsweredAsync(connection, bad, cancellationToken);
            if (isKept)
            {
                await AssertGoodAsync(connection, cancellationToken);
            }

            await AssertNewConnectionWorksAsync(cancellationToken);
        }
    }

    [Test]
    public async Task Http2_OnThisPort_IsSentAway(CancellationToken cancellationToken)
    {
        const byte GoAway = 7;
        await using var stream = await SharedServer.Server.ConnectAsync();
        await stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray(), cancellationToken);
        byte[] frame = new byte[9];
        await stream.ReadExactlyAsync(frame, cancellationToken);

        Assert.That(frame[3], Is.EqualTo(GoAway), "the type of the frame");
        await AssertNewConnectionWorksAsync(cancellationToken);
    }

    [Test]
    public async Task Image_CutOffAtAnyByte_Is422(CancellationToken cancellationToken)
    {
        byte[] file = TestDigits.Png();
        await using var connection = await OpenAsync(cancellationToken);
        foreach (int[] lengths in Enumerable.Range(1, file.Length - 1).Chunk(64))
        {
            string body = MnistServer.Body(lengths.Select(length => Convert.ToBase64String(file.AsSpan(0, length))));
            await connection.SendAsync(BadRequest.OfBody("cut off", body, 422).Bytes, cancellationToken);
            var answer = await connection.ReadAsync(cancellationToken);

            Assert.That(answer!.Status, Is.EqualTo(422), answer.Text);
            var errors = JsonSerializer.Deserialize<JsonElement>(answer.Body).GetProperty("errors");
            Assert.That(errors.EnumerateObject().Count(), Is.EqualTo(lengths.Length), $"first {lengths[0]} to {lengths[^1]} of {file.Length} bytes");
        }

        await AssertGoodAsync(connection, cancellationToken);
    }

    [Test]
    public async Task BodyThatStops_Is408_AndTheNextOneIsRight(CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        var slow = BadRequest.Of("slow", BadRequest.Post + BadRequest.Json + BadRequest.Length(100) + "\r\n{", 408, "too-slow");

        Assert.That(await AssertAnsweredAsync(connection, slow, cancellationToken), Is.False);
        await AssertNewConnectionWorksAsync(cancellationToken);
    }

    [Test]
    public async Task ConnectionResetInTheBody_FreesItsCapacity(CancellationToken cancellationToken)
    {
        var admission = SharedServer.Server.Services.GetRequiredService<AdmissionControl>();
        for (int i = 0; i < 50; i++)
        {
            await using var connection = await OpenAsync(cancellationToken);
            byte[] request = Digits.Request([GoodDigit]);
            await connection.SendAsync(request.AsMemory(0, request.Length - i * 10), cancellationToken);
            connection.Abort();
        }

        await AssertNewConnectionWorksAsync(cancellationToken);
        Assert.That(() => admission.InFlight, Is.Zero.After(5000, 10));
    }

    [Test]
    public Task ServerThatReadsTheTopOfALargerImage_IsFoundOut(CancellationToken cancellationToken) =>
        AssertFoundOutAsync(MnistServer.StartBehind(CallItADigitAsync), ImageCases.TooHigh, cancellationToken);

    [Test]
    public Task ServerThatTakesLongerBodies_IsFoundOut(CancellationToken cancellationToken) =>
        AssertFoundOutAsync(MnistServer.Start(("Mnist:MaxImagesPerRequest", "65")), WireCases.TooLong, cancellationToken);

    /// <summary>The server misses a check, so the request that needs it must fail its test.</summary>
    private static async Task AssertFoundOutAsync(MnistServer server, string name, CancellationToken cancellationToken)
    {
        await using (server)
        {
            await using var connection = await WireConnection.OpenAsync(server.Client.BaseAddress!, cancellationToken);
            var bad = All.Single(bad => bad.Name == name);

            var error = await Assert.ThrowsAsync<AssertionException>(() => AssertAnsweredAsync(connection, bad, cancellationToken));

            Assert.That(error!.Message, Does.Contain($"Expected: {bad.Status}"));
        }
    }

    /// <summary>Makes the header of a PNG file say that it is as high as a digit.</summary>
    private static async Task CallItADigitAsync(HttpContext context)
    {
        const int Height = 23;
        if (context.Request.Path != MnistServer.Path)
        {
            return;
        }

        var request = await JsonSerializer.DeserializeAsync<JsonElement>(context.Request.Body);
        byte[] file = request.GetProperty("requests")[0].GetProperty("image").GetBytesFromBase64();
        file[Height] = 28;
        context.Request.Body = new MemoryStream(Encoding.ASCII.GetBytes(MnistServer.Body(Convert.ToBase64String(PngWriter.WithChecksums(file)))));
    }

    private static Task<WireConnection> OpenAsync(CancellationToken cancellationToken) =>
        WireConnection.OpenAsync(SharedServer.Server.Client.BaseAddress!, cancellationToken);

    /// <returns>Whether the server keeps the connection.</returns>
    private static async Task<bool> AssertAnsweredAsync(WireConnection connection, BadRequest bad, CancellationToken cancellationToken)
    {
        var sending = connection.SendAsync(bad.Bytes, cancellationToken);
        if (bad.EndsSending)
        {
            await sending;
            connection.EndSending();
        }

        WireAnswer? answer = null;
        for (int i = 0; i < bad.Answers; i++)
        {
            answer = await connection.ReadAsync(cancellationToken);
            if (answer is { Status: 100 } && bad.Status == 200)
            {
                answer = await connection.ReadAsync(cancellationToken);
            }

            AssertIs(answer, bad);
        }

        await sending;
        if (answer is { Closes: false })
        {
            return true;
        }

        Assert.That(await connection.IsClosedAsync(cancellationToken), "the server said that it closes, so it must, without another answer");
        return false;
    }

    private static void AssertIs(WireAnswer? answer, BadRequest bad)
    {
        Assert.That(answer?.Status ?? 0, Is.EqualTo(bad.Status), answer?.Head + answer?.Text);
        if (answer is null)
        {
            return;
        }

        Assert.That(answer.Head, Does.Not.Contain("\r\nServer:").And.Not.Contain("\r\nAccess-Control"));
        if (bad.Status == 200)
        {
            Assert.That(answer.Text, bad.Digits is null ? Does.StartWith("{\"responses\":[{\"class\":") : Is.EqualTo(Digits.Answer(bad.Digits)));
        }
        else if (bad.Problem is null)
        {
            Assert.That(answer.Body, Is.Empty, "the HTTP layer answers alone");
            Assert.That(answer.Closes, "what follows a broken head cannot be told from it");
        }
        else
        {
            AssertProblem(answer, bad);
        }
    }

    private static void AssertProblem(WireAnswer answer, BadRequest bad)
    {
        Assert.That(answer.Header("Content-Type"), Is.EqualTo("application/problem+json"));
        var problem = JsonSerializer.Deserialize<JsonElement>(answer.Body);
        Assert.That(problem.GetProperty("type").GetString(), Is.EqualTo($"urn:mnist:problem:{bad.Problem}"), answer.Text);
        Assert.That(problem.GetProperty("status").GetInt32(), Is.EqualTo(bad.Status));
        if (bad.Path is not null)
        {
            Assert.That(ProblemAssert.Paths(problem), Has.Member(bad.Path), answer.Text);
        }

        if (bad.Status is 408 or 413)
        {
            Assert.That(answer.Closes, "the rest of the body will not be read");
        }
    }

    private static async Task AssertNewConnectionWorksAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        await AssertGoodAsync(connection, cancellationToken);
    }

    private static async Task AssertGoodAsync(WireConnection connection, CancellationToken cancellationToken)
    {
        await connection.SendAsync(Digits.Request([GoodDigit]), cancellationToken);
        var answer = await connection.ReadAsync(cancellationToken);

        Assert.That(answer?.Status, Is.EqualTo(200), answer?.Text);
        Assert.That(answer!.Text, Is.EqualTo(Digits.Answer(GoodDigit)));
    }
}
