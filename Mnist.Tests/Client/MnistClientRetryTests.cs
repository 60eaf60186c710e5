using System.Diagnostics;
using System.Globalization;
using System.Net;
using Mnist.Client;

namespace Mnist.Tests.Client;

internal sealed class MnistClientRetryTests
{
    private static readonly byte[] Image = [4];

    [TestCase(408)]
    [TestCase(429)]
    [TestCase(502)]
    [TestCase(503)]
    [TestCase(504)]
    public async Task ClassifyAsync_TransientStatus_IsRetried(int status)
    {
        await using var server = FailOnce((_, reply) => reply.JsonAsync(status, "{}"));
        using var factory = new ClientFactory(server.Address);

        Assert.That((await factory.Client.ClassifyAsync(Image)).Class, Is.EqualTo(4));
        Assert.That(server.Requests, Has.Count.EqualTo(2));
        Assert.That(server.Requests[1].Body, Is.EqualTo(server.Requests[0].Body));
    }

    [TestCase(400)]
    [TestCase(413)]
    [TestCase(422)]
    [TestCase(500)]
    public async Task ClassifyAsync_OtherStatus_IsNotRetried(int status)
    {
        await using var server = FailOnce((_, reply) => reply.JsonAsync(status, "{}"));
        using var factory = new ClientFactory(server.Address);

        await Assert.ThrowsAsync<MnistClientException>(() => factory.Client.ClassifyAsync(Image));
        Assert.That(server.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task ClassifyAsync_ConnectionReset_IsRetried()
    {
        await using var server = FailOnce((_, reply) =>
        {
            reply.Reset();
            return Task.CompletedTask;
        });
        using var factory = new ClientFactory(server.Address);

        Assert.That((await factory.Client.ClassifyAsync(Image)).Class, Is.EqualTo(4));
    }

    [TestCase("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"responses\":[{\"cla")]
    [TestCase("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"res")]
    [TestCase("HTTP/1.1 200 OK\r\nContent-Le")]
    [TestCase("SSH-2.0-OpenSSH_9.2\r\n")]
    [TestCase("")]
    public async Task ClassifyAsync_IncompleteResponse_IsRetried(string response)
    {
        await using var server = FailOnce((_, reply) => reply.RawAsync(response));
        using var factory = new ClientFactory(server.Address);

        Assert.That((await factory.Client.ClassifyAsync(Image)).Class, Is.EqualTo(4));
    }

    [Test]
    public async Task ClassifyAsync_ResponsesAlwaysIncomplete_ReportsIt()
    {
        await using var server = new ScriptedServer((_, reply) => reply.RawAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"));
        using var factory = new ClientFactory(server.Address, options => options.MaxRetries = 1);

        var failure = await Assert.ThrowsAsync<MnistClientException>(() => factory.Client.ClassifyAsync(Image));

        Assert.That(failure.StatusCode, Is.Null);
        Assert.That(failure.Message, Does.Contain("did not send a complete response"));
        Assert.That(server.Requests, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task ClassifyAsync_SlowResponse_TimesOutAndIsRetried()
    {
        await using var server = FailOnce(async (_, reply) =>
        {
            await reply.RawAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
            while (true)
            {
                await reply.RawAsync(" ");
                await Task.Delay(50, reply.Stopping);
            }
        });
        using var factory = new ClientFactory(server.Address, options => options.AttemptTimeout = TimeSpan.FromMilliseconds(300));

        Assert.That((await factory.Client.ClassifyAsync(Image)).Class, Is.EqualTo(4));
    }

    [Test]
    public async Task ClassifyAsync_NoResponse_ReportsTheTimeout()
    {
        await using var server = new ScriptedServer((_, reply) => Task.Delay(Timeout.Infinite, reply.Stopping));
        using var factory = new ClientFactory(server.Address, options =>
        {
            options.AttemptTimeout = TimeSpan.FromMilliseconds(250);
            options.TotalTimeout = TimeSpan.FromMilliseconds(500);
        });

        var failure = await Assert.ThrowsAsync<MnistClientException>(() => factory.Client.ClassifyAsync(Image));

        Assert.That(failure.Message, Does.Contain("did not answer within 0.5 s"));
        Assert.That(failure.StatusCode, Is.Null);
    }

    [Test]
    public async Task ClassifyAsync_CallerCancels_ThrowsAndClosesTheConnection()
    {
        var gone = new TaskCompletionSource();
        await using var server = new ScriptedServer(async (_, reply) =>
        {
            await reply.ClientGoneAsync();
            gone.SetResult();
        });
        using var factory = new ClientFactory(server.Address);
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));

        var canceled = await Assert.CatchAsync<OperationCanceledException>(() => factory.Client.ClassifyAsync(Image, cancellation.Token));

        Assert.That(canceled.CancellationToken, Is.EqualTo(cancellation.Token));
        await gone.Task.WaitAsync(TimeSpan.FromSeconds(5));
    }

    [Test]
    public async Task ClassifyAsync_RetryAfterSeconds_WaitsThatLong()
    {
        await using var server = FailOnce((_, reply) => reply.JsonAsync(503, ContractSample.Read("problem-full.json"), "Retry-After: 1"));
        using var factory = new ClientFactory(server.Address);
        var clock = Stopwatch.StartNew();

        await factory.Client.ClassifyAsync(Image);

        Assert.That(clock.Elapsed, Is.InRange(TimeSpan.FromSeconds(0.95), TimeSpan.FromSeconds(5)));
    }

    [Test]
    public async Task ClassifyAsync_RetryAfterDate_WaitsUntilThen()
    {
        var clock = Stopwatch.StartNew();
        var date = DateTimeOffset.UtcNow.AddSeconds(2);
        await using var server = FailOnce((_, reply) => reply.JsonAsync(503, "{}", $"Retry-After: {date.ToString("R", CultureInfo.InvariantCulture)}"));
        using var factory = new ClientFactory(server.Address);

        await factory.Client.ClassifyAsync(Image);

        // The header has no fraction of a second.
        Assert.That(clock.Elapsed, Is.InRange(TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(6)));
    }

    [Test]
    public async Task ClassifyAsync_RetryAfterBeyondTotalTimeout_FailsAtOnce()
    {
        await using var server = FailOnce((_, reply) => reply.JsonAsync(503, ContractSample.Read("problem-full.json"), "Retry-After: 3600"));
        using var factory = new ClientFactory(server.Address);

        var failure = await Assert.ThrowsAsync<MnistClientException>(() => factory.Client.ClassifyAsync(Image));

        Assert.That(failure.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(failure.Title, Is.EqualTo("The server is full"));
        Assert.That(server.Requests, Has.Count.EqualTo(1));
    }

    [TestCase("2", 1, Description = "the whole total timeout")]
    [TestCase("1", 2, Description = "enough time for one retry")]
    public async Task ClassifyAsync_RetryAfterBeyondTheTimeLeft_FailsWithTheResponse(string retryAfter, int requests)
    {
        await using var server = new ScriptedServer((_, reply) => reply.JsonAsync(503, ContractSample.Read("problem-full.json"), $"Retry-After: {retryAfter}"));
        using var factory = new ClientFactory(server.Address, options => (options.TotalTimeout, options.AttemptTimeout) = (TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1)));

        var failure = await Assert.ThrowsAsync<MnistClientException>(() => factory.Client.ClassifyAsync(Image));

        Assert.That(failure.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(server.Requests, Has.Count.EqualTo(requests));
    }

    [Test]
    public async Task ClassifyAsync_AlwaysOverloaded_FailsAfterMaxRetries()
    {
        await using var server = new ScriptedServer((_, reply) => reply.JsonAsync(503, ContractSample.Read("problem-full.json")));
        using var factory = new ClientFactory(server.Address, options => options.MaxRetries = 2);

        var failure = await Assert.ThrowsAsync<MnistClientException>(() => factory.Client.ClassifyAsync(Image));

        Assert.That(failure.ProblemType, Is.EqualTo("urn:mnist:problem:full"));
        Assert.That(server.Requests, Has.Count.EqualTo(3));
    }

    [Test]
    public async Task ClassifyAsync_NoRetries_SendsOnce()
    {
        await using var server = FailOnce((_, reply) => reply.JsonAsync(503, "{}"));
        using var factory = new ClientFactory(server.Address, options => options.MaxRetries = 0);

        await Assert.ThrowsAsync<MnistClientException>(() => factory.Client.ClassifyAsync(Image));
        Assert.That(server.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task ClassifyAsync_NoServer_FailsWithTheAddress()
    {
        var address = ScriptedServer.ClosedAddress();
        using var factory = new ClientFactory(address);
        var clock = Stopwatch.StartNew();

        var failure = await Assert.ThrowsAsync<MnistClientException>(() => factory.Client.ClassifyAsync(Image));

        Assert.That(clock.Elapsed, Is.LessThan(TimeSpan.FromSeconds(5)));
        Assert.That(failure.Message, Does.StartWith($"{address} could not be reached"));
    }

    private static ScriptedServer FailOnce(Func<ScriptedRequest, ScriptedReply, Task> failure)
        => new((request, reply) => request.Number == 0 ? failure(request, reply) : reply.EchoAsync(request));
}
