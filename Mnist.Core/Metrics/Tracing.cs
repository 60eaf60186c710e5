using System.Diagnostics;

namespace Mnist.Core.Metrics;

/// <summary>The spans inside a request. Without a listener there are none, and nothing is allocated for them.</summary>
public static class Tracing
{
    public const string SourceName = "Mnist";

    public static ActivitySource Source { get; } = new(SourceName);
}
