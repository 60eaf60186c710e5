using Mnist.Cli.Commands.Classify;
using Mnist.Cli.Shared;
using Mnist.Core.Imaging;
using Spectre.Console;

namespace Mnist.Tests.Cli;

internal sealed class DigitDrawingTests
{
    /// <summary>A 28x28 image whose upper left quarter is white, with one grey pixel beside it.</summary>
    private static readonly byte[] Quarter = Png();

    [Test]
    public void Write_WithoutColours_UsesCharactersByBrightness()
    {
        using var text = new StringWriter();
        DigitDrawing.Write(Terminal.Open(text), Quarter);

        string[] lines = text.ToString().TrimEnd('\n').Split('\n');
        Assert.That(lines, Has.Length.EqualTo(14));
        Assert.That(lines[0], Is.EqualTo("  " + new string('@', 14) + ":" + new string(' ', 13)), "one of two pixels has half of the brightness");
        Assert.That(lines[1..7], Is.All.EqualTo("  " + new string('@', 14) + new string(' ', 14)));
        Assert.That(lines[7..], Is.All.EqualTo("  " + new string(' ', 28)));
    }

    [Test]
    public void Write_WithColours_UsesGreyHalfBlocks()
    {
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text), Ansi = AnsiSupport.Yes, ColorSystem = ColorSystemSupport.TrueColor });
        console.Profile.Capabilities.Unicode = true;
        DigitDrawing.Write(console, Quarter);

        string first = text.ToString().Split('\n')[0];
        Assert.That(first, Does.Contain("38;2;255;255;255;48;2;255;255;255m▀"), "white above white");
        Assert.That(first, Does.Contain("38;2;128;128;128;48;2;0;0;0m▀"), "grey above black");
        Assert.That(text.ToString().Count(letter => letter == '▀'), Is.EqualTo(14 * 28));
    }

    [Test]
    public void Write_InvalidImage_Throws() =>
        Assert.That(() => DigitDrawing.Write(Terminal.Open(TextWriter.Null), [1, 2, 3]), Throws.InstanceOf<InvalidDataException>());

    private static byte[] Png()
    {
        byte[] pixels = new byte[28 * 28];
        for (int i = 0; i < 14 * 14; i++)
        {
            pixels[i / 14 * 28 + i % 14] = 255;
        }

        pixels[14] = 128;
        return DigitPng.Encode(pixels);
    }
}
