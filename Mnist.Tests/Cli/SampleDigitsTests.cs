using System.Globalization;
using Mnist.Cli.Commands.Classify;
using SkiaSharp;

namespace Mnist.Tests.Cli;

internal sealed class SampleDigitsTests
{
    [Test]
    public void Write_TestSet_WritesTenGreyPngFiles()
    {
        using var folder = new TemporaryFolder();

        var files = SampleDigits.Write(TestData.MnistTest, Path.Combine(folder.Path, "new"), new Random(1));

        Assert.That(files.Select(file => file.Path).Distinct().Count(), Is.EqualTo(10));
        foreach (var file in files)
        {
            string[] parts = Path.GetFileNameWithoutExtension(file.Path).Split('_');
            int index = int.Parse(parts[1], CultureInfo.InvariantCulture);
            using var bitmap = SKBitmap.Decode(file.Path);
            Assert.That(parts[0], Is.EqualTo($"{TestData.MnistTest.Labels[index]}"));
            Assert.That(file.Label, Is.EqualTo(TestData.MnistTest.Labels[index]));
            Assert.That(bitmap.ColorType, Is.EqualTo(SKColorType.Gray8));
            Assert.That(bitmap.Bytes, Is.EqualTo(TestData.MnistTest.Image(index).ToArray()));
        }
    }

    [Test]
    public void Write_SameSeed_ChoosesTheSameDigits()
    {
        using var folder = new TemporaryFolder();

        var first = SampleDigits.Write(TestData.MnistTest, folder.Path, new Random(7));
        var second = SampleDigits.Write(TestData.MnistTest, folder.Path, new Random(7));
        var other = SampleDigits.Write(TestData.MnistTest, folder.Path, new Random(8));

        Assert.That(second, Is.EqualTo(first));
        Assert.That(other, Is.Not.EqualTo(first));
    }
}
