using System.Globalization;
using System.Text;
using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Compact;

namespace Mnist.Api.Operations;

/// <summary>
/// Writes log events to standard output, one JSON object a line, on its own thread. If the output is no longer read, or its disk is full, lines are
/// dropped and counted: a request never waits for its log line.
/// </summary>
internal sealed class BackgroundConsole : ILogEventSink, IDisposable
{
    private const int Capacity = 4096;

    /// <summary>Formatted characters after which they are written.</summary>
    private const int FlushLength = 64 * 1024;

    private static readonly TimeSpan LongestFlush = TimeSpan.FromSeconds(2);

    private readonly Channel<LogEvent> _events = Channel.CreateBounded<LogEvent>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly RenderedCompactJsonFormatter _formatter = new();
    private readonly Stream _output = OpenOutput();
    private readonly Thread _writer;
    private long _dropped;

    public BackgroundConsole()
    {
        _writer = new Thread(Write) { IsBackground = true, Name = "console" };
        _writer.Start();
    }

    /// <summary>Lines that were dropped.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public void Emit(LogEvent logEvent)
    {
        if (!_events.Writer.TryWrite(logEvent))
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    public void Dispose()
    {
        _events.Writer.TryComplete();
        if (_writer.Join(LongestFlush))
        {
            _output.Dispose();
        }
    }

    /// <summary>
    /// Standard output. .NET's own stream hides that a pipe has no reader any more. A file stream reports it, but keeps its own position in a regular file
    /// and would overwrite what others append.
    /// </summary>
    private static Stream OpenOutput()
    {
        if (!OperatingSystem.IsWindows())
        {
            var output = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            if (!output.CanSeek)
            {
                return output;
            }
        }

        return Console.OpenStandardOutput();
    }

    private void Write()
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        var lines = text.GetStringBuilder();
        while (_events.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            int count = 0;
            for (; lines.Length < FlushLength && _events.Reader.TryRead(out var logEvent); count++)
            {
                _formatter.Format(logEvent, text);
            }

            try
            {
                _output.Write(ToAscii(lines));
                _output.Flush();
            }
            catch (IOException)
            {
                Interlocked.Add(ref _dropped, count);
            }

            lines.Clear();
        }
    }

    /// <summary>
    /// JSON in ASCII: other characters occur only in strings, where they can be escaped. Unescaped, some readers take some of them for line breaks, and some
    /// terminals for commands.
    /// </summary>
    private static byte[] ToAscii(StringBuilder json)
    {
        var ascii = new StringBuilder(json.Length);
        foreach (var chunk in json.GetChunks())
        {
            foreach (char c in chunk.Span)
            {
                _ = c < 0x7f ? ascii.Append(c) : ascii.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
        }

        return Encoding.ASCII.GetBytes(ascii.ToString());
    }
}
