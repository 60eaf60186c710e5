using System.Net;
using System.Net.Sockets;
using System.Text;
using Mnist.LoadTesting;

namespace Mnist.Tests.LoadTesting;

/// <summary>The generator against a server that does what a test wants.</summary>
[TestFixture]
[CancelAfter(60_000)]
internal sealed class LoadGeneratorTests
{
    private const string Expected = "{}";
    private const double Seconds = 1;
    private const int Requests = 100;

    private static readonly byte[] Request = "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"u8.ToArray();

    private TcpListener _listener = null!;

    [SetUp]
    public void SetUp()
    {
        _listener = new TcpListener(IPAddress.Loopback, 0);
        _listener.Start();
    }

    [TearDown]
    public void TearDown() => _listener.Dispose();

    [Test]
    public void OpenLoop_CountsEveryRightAnswer([Values] bool sharesCore)
    {
        Serve(_ => Answer(200, Expected));

        var outcome = RunOpen(sharesCore);

        Assert.That((outcome.Due, outcome.Refused, outcome.Lost, outcome.Unanswered), Is.EqualTo((Requests, 0, 0, 0)));
        Assert.That(outcome.Latencies, Has.Count.EqualTo(Requests).And.All.Positive);
    }

    [Test]
    public void ServerThatStalls_IsChargedForAllThatWasDueMeanwhile()
    {
        var stall = TimeSpan.FromSeconds(0.5);
        Serve(_ => Answer(200, Expected), number => number == 20 ? stall : TimeSpan.Zero);

        var outcome = RunOpen();

        // Requests are due each 10 ms over a second: half of them while the server stalls, the first of these half a second before it goes on.
        Assert.That(outcome.Latencies.Count(latency => latency > stall.TotalSeconds / 2), Is.GreaterThan(Requests / 5));
        Assert.That(outcome.Milliseconds(99), Is.GreaterThan(0.9 * stall.TotalMilliseconds));
    }

    [Test]
    public void RequestThatIsDueAtTheVeryEnd_IsSentThoughItsTimeIsOver()
    {
        Serve(_ => Answer(200, Expected));
        using var generator = Generator();

        var outcome = generator.RunOpen([0, 0.1 - 1e-9], seconds: 0.1);

        Assert.That((outcome.Due, outcome.Latencies.Count), Is.EqualTo((2, 2)));
    }

    [Test]
    public void Refusals_AreCountedApart()
    {
        byte[] explained = "HTTP/1.1 503 X\r\nretry-after: 1\r\nContent-Type: application/problem+json\r\nContent-Length: 0\r\n\r\n"u8.ToArray();
        Serve(number => number % 2 != 0 ? Answer(200, Expected) : number % 4 == 0 ? Answer(503, "") : explained);

        var outcome = RunOpen();

        Assert.That((outcome.Refused, outcome.Latencies.Count), Is.EqualTo((Requests / 2, Requests / 2)));
        Assert.That(outcome.Unexplained, Is.EqualTo(Requests / 4));
        Assert.That(outcome.RefusalLatencies, Is.All.InRange(0, Seconds + LoadGenerator.Patience));
        Assert.That(outcome.RefusedShare, Is.EqualTo(0.5));
    }

    [Test]
    public void WrongAnswers_AreCounted_AndTheFirstIsShown()
    {
        Serve(number => number is 5 or 7 ? Answer(200, $"[{number}]") : number == 9 ? Answer(500, "") : Answer(200, Expected));

        var outcome = RunOpen();

        Assert.That((outcome.Wrong, outcome.Statuses[500], outcome.Errors, outcome.Latencies.Count), Is.EqualTo((2, 1, 3, Requests - 3)));
        Assert.That(outcome.RequireRight, Throws.TypeOf<InvalidDataException>().With.Message.Contains("'[5]', expected '{}'"));
    }

    [Test]
    public void ConnectionsThatEnd_AreCounted_AndTheRestGoesOn()
    {
        Serve(number => number % 10 == 5 ? [] : Answer(200, Expected));

        var outcome = RunOpen();

        Assert.That((outcome.Broken, outcome.Latencies.Count), Is.EqualTo((Requests / 10, Requests * 9 / 10)));
        Assert.That(outcome.FirstFault, Does.Contain("closed a connection after 0 bytes"));
    }

    [Test]
    public void Cancellation_EndsTheRunAtOnce()
    {
        using var cancelled = new CancellationTokenSource(TimeSpan.FromSeconds(0.1));
        Serve(_ => Answer(200, Expected));
        using var generator = Generator();

        Assert.That(() => generator.RunClosed(60, cancelled.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void ClosedLoop_TellsWhatTheServerCanDo()
    {
        Serve(_ => Answer(200, Expected), _ => TimeSpan.FromMilliseconds(10));
        using var generator = Generator();

        Assert.That(generator.RunClosed(Seconds).Goodput, Is.InRange(20, 100), "one answer after the other, each after 10 ms or more");
    }

    private static byte[] Answer(int status, string body) => Encoding.ASCII.GetBytes($"HTTP/1.1 {status} X\r\nContent-Length: {body.Length}\r\n\r\n{body}");

    private LoadOutcome RunOpen(bool sharesCore = true)
    {
        using var generator = Generator(sharesCore);
        return generator.RunOpen([.. Enumerable.Range(0, Requests).Select(i => i * Seconds / Requests)], Seconds);
    }

    private LoadGenerator Generator(bool sharesCore = true) =>
        new((IPEndPoint)_listener.LocalEndpoint, [Request], [Encoding.ASCII.GetBytes(Expected)], connections: Requests) { SharesCore = sharesCore };

    /// <summary>Answers all connections in turn, request by request: what stalls one stalls all. No thread is held meanwhile: on one core there is but one.</summary>
    private void Serve(Func<int, byte[]> answer, Func<int, TimeSpan>? stall = null)
    {
        int number = 0;
        var gate = new SemaphoreSlim(1);
        _ = Task.Run(async () =>
        {
            while (true)
            {
                var connection = await _listener.AcceptTcpClientAsync();
                _ = Task.Run(async () =>
                {
                    await using var stream = connection.GetStream();
                    byte[] buffer = new byte[Request.Length];
                    while (await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false) == buffer.Length)
                    {
                        await gate.WaitAsync();
                        if (stall is not null)
                        {
                            await Task.Delay(stall(number));
                        }

                        byte[] reply = answer(number++);
                        gate.Release();
                        if (reply.Length == 0)
                        {
                            return;
                        }

                        await stream.WriteAsync(reply);
                    }
                });
            }
        });
    }
}
