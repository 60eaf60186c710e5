using System.Net;
using System.Net.Sockets;
using System.Text;
using Mnist.Benchmarks.Http;

namespace Mnist.Tests.Benchmarks;

/// <summary>The generator against a server that does what a test wants.</summary>
[TestFixture]
[Platform("Linux", Reason = "polls sockets by the system call of Linux")]
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
    public void OpenLoop_CountsEveryRightAnswer()
    {
        Serve(_ => Answer(200, Expected));

        var outcome = RunOpen();

        Assert.That((outcome.Due, outcome.Refused, outcome.Lost, outcome.Unanswered), Is.EqualTo((Requests, 0, 0, 0)));
        Assert.That(outcome.Latencies, Has.Count.EqualTo(Requests).And.All.Positive);
    }

    [Test]
    public void ServerThatStalls_IsChargedForAllThatWasDueMeanwhile()
    {
        var stall = TimeSpan.FromSeconds(0.5);
        Serve(number =>
        {
            if (number == 20)
            {
                Thread.Sleep(stall);
            }

            return Answer(200, Expected);
        });

        var outcome = RunOpen();

        // Requests are due each 10 ms over a second: half of them while the server stalls, the first of these half a second before it goes on.
        Assert.That(outcome.Latencies.Count(latency => latency > stall.TotalSeconds / 2), Is.GreaterThan(Requests / 5));
        Assert.That(outcome.Milliseconds(99), Is.GreaterThan(0.9 * stall.TotalMilliseconds));
    }

    [Test]
    public void Refusals_AreCountedApart()
    {
        Serve(number => number % 2 == 0 ? Answer(503, "") : Answer(200, Expected));

        var outcome = RunOpen();

        Assert.That((outcome.Refused, outcome.Latencies.Count), Is.EqualTo((Requests / 2, Requests / 2)));
        Assert.That(outcome.RefusedShare, Is.EqualTo(0.5));
    }

    [Test]
    public void WrongAnswer_EndsTheRunAndIsShown()
    {
        Serve(number => number == 5 ? Answer(200, "[]") : Answer(200, Expected));

        Assert.That(RunOpen, Throws.TypeOf<InvalidDataException>().With.Message.Contains("'[]'"));
    }

    [Test]
    public void ClosedLoop_TellsWhatTheServerCanDo()
    {
        Serve(_ =>
        {
            Thread.Sleep(10);
            return Answer(200, Expected);
        });
        using var generator = Generator();

        Assert.That(generator.RunClosed(Seconds).Goodput, Is.InRange(20, 100), "one answer after the other, each after 10 ms or more");
    }

    private static byte[] Answer(int status, string body) => Encoding.ASCII.GetBytes($"HTTP/1.1 {status} X\r\nContent-Length: {body.Length}\r\n\r\n{body}");

    private LoadOutcome RunOpen()
    {
        using var generator = Generator();
        return generator.RunOpen([.. Enumerable.Range(0, Requests).Select(i => i * Seconds / Requests)], Seconds);
    }

    private LoadGenerator Generator() => new((IPEndPoint)_listener.LocalEndpoint, [Request], [Encoding.ASCII.GetBytes(Expected)], connections: Requests);

    /// <summary>Answers all connections on one thread, request by request: what stalls one stalls all.</summary>
    private void Serve(Func<int, byte[]> answer)
    {
        int number = 0;
        var gate = new Lock();
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
                        byte[] reply;
                        lock (gate)
                        {
                            reply = answer(number++);
                        }

                        await stream.WriteAsync(reply);
                    }
                });
            }
        });
    }
}
