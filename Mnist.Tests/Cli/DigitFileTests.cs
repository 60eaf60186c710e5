using Mnist.Cli.Commands.Classify;

namespace Mnist.Tests.Cli;

internal sealed class DigitFileTests
{
    [TestCase("7_00042.png", 7)]
    [TestCase("0-scan.png", 0)]
    [TestCase("9.png", 9)]
    [TestCase("3_folder/5_a.png", 5)]
    [TestCase("3_folder/a.png", null)]
    [TestCase("70.png", null)]
    [TestCase("12_3.png", null)]
    [TestCase("seven_7.png", null)]
    [TestCase("7", null)]
    [TestCase("\u0667_1.png", null)]
    public void Of_FileName_ParsesTheLabel(string path, int? label) => Assert.That(DigitFile.Of(path).Label, Is.EqualTo(label));

    [Test]
    public void InFolder_MixedFiles_ReturnsImagesInNaturalOrder()
    {
        using var folder = new TemporaryFolder();
        foreach (string name in new[] { "a10.png", "a9.PNG", "B1.jpg", "a010.png", "b2.jpeg", "c.bmp", "d.gif", "e.webp", "notes.txt", "png" })
        {
            folder.Write(name, [1]);
        }

        Directory.CreateDirectory(Path.Combine(folder.Path, "folder.png"));

        Assert.That(
            DigitFile.InFolder(folder.Path).Select(file => Path.GetFileName(file.Path)),
            Is.EqualTo(["a9.PNG", "a010.png", "a10.png", "B1.jpg", "b2.jpeg", "c.bmp", "d.gif", "e.webp"]));
    }
}
