using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Mnist.SystemTests.Load;

/// <summary>A memory leak in the process of the server, added from outside: some bytes per request are never freed.</summary>
internal sealed class Leak(int bytesPerRequest) : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
{
    private const string Variable = "MNIST_TEST_LEAK";

    private readonly ConcurrentBag<byte[]> _kept = [];

    /// <summary>The command under which a server leaks this many bytes per request.</summary>
    public static string[] Command(int bytesPerRequest) =>
        ["env", $"DOTNET_STARTUP_HOOKS={typeof(Leak).Assembly.Location}", string.Create(CultureInfo.InvariantCulture, $"{Variable}={bytesPerRequest}")];

    /// <summary>The leak that <see cref="Command"/> set up; called in the process of the server.</summary>
    public static Leak OfEnvironment() => new(int.Parse(Environment.GetEnvironmentVariable(Variable)!, CultureInfo.InvariantCulture));

    public void OnNext(DiagnosticListener value)
    {
        const string BeginOfRequest = "Microsoft.AspNetCore.Hosting.BeginRequest";
        if (value.Name == "Microsoft.AspNetCore")
        {
            value.Subscribe(this, name => name == BeginOfRequest);
        }
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        byte[] kept = new byte[bytesPerRequest];

        // Memory that was never written to is not resident.
        Array.Fill(kept, byte.MaxValue);
        _kept.Add(kept);
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }
}
