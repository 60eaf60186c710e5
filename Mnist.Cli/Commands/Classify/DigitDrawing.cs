using SkiaSharp;
using Spectre.Console;

namespace Mnist.Cli.Commands.Classify;

/// <summary>Draws a digit in the terminal. Two pixels, one above the other, are one character.</summary>
internal static class DigitDrawing
{
    private const string Indent = "  ";

    /// <summary>Characters for output without colours or Unicode, from background to ink.</summary>
    private const string Ramp = " .:-=+*#%@";

    /// <summary>Draws with grey half blocks if the console has colours and Unicode, else with ASCII characters.</summary>
    /// <exception cref="InvalidDataException"><paramref name="image"/> is not an image file.</exception>
    public static void Write(IAnsiConsole console, byte[] image)
    {
        using var codec = SKCodec.Create(new MemoryStream(image)) ?? throw new InvalidDataException("The service sent a preview that is not an image.");
        using var decoded = SKBitmap.Decode(codec);
        using var digit = decoded.Copy(SKColorType.Gray8);
        bool blocks = console.Profile.Capabilities is { Unicode: true, Ansi: true, ColorSystem: not ColorSystem.NoColors };
        for (int y = 0; y + 1 < digit.Height; y += 2)
        {
            console.Write(Indent);
            var upper = digit.GetPixelSpan()[(y * digit.RowBytes)..];
            var lower = digit.GetPixelSpan()[((y + 1) * digit.RowBytes)..];
            for (int x = 0; x < digit.Width; x++)
            {
                if (blocks)
                {
                    console.Write("▀", new Style(Grey(upper[x]), Grey(lower[x])));
                }
                else
                {
                    console.Write(Ramp[(upper[x] + lower[x]) * (Ramp.Length - 1) / (2 * byte.MaxValue)].ToString());
                }
            }

            console.WriteLine();
        }
    }

    private static Color Grey(byte value) => new(value, value, value);
}
