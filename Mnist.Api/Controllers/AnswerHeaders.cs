using System.Globalization;

namespace Mnist.Api.Controllers;

/// <summary>What an answer tells about itself.</summary>
internal static class AnswerHeaders
{
    /// <summary>Names the version of the network that made an answer.</summary>
    public const string ModelVersion = "Mnist-Model-Version";

    /// <summary>Writes the version and, in milliseconds as the header's specification wants them, the times.</summary>
    public static void Write(HttpResponse response, string modelVersion, TimeSpan decode, TimeSpan queue, TimeSpan inference)
    {
        response.Headers[ModelVersion] = modelVersion;
        response.Headers["Server-Timing"] = string.Create(
            CultureInfo.InvariantCulture,
            $"decode;dur={decode.TotalMilliseconds:0.###}, queue;dur={queue.TotalMilliseconds:0.###}, inference;dur={inference.TotalMilliseconds:0.###}");
    }
}
