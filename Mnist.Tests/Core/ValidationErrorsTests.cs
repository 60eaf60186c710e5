using Mnist.Core.Contract;
using Mnist.Core.Imaging;

namespace Mnist.Tests.Core;

public sealed class ValidationErrorsTests
{
    [TestCase(new ImageErrorKind[0], ImageErrorKind.Invalid)]
    [TestCase(new[] { ImageErrorKind.Blank }, ImageErrorKind.Blank)]
    [TestCase(new[] { ImageErrorKind.Blank, ImageErrorKind.Blank }, ImageErrorKind.Blank)]
    [TestCase(new[] { ImageErrorKind.Blank, ImageErrorKind.LowContrast }, ImageErrorKind.Invalid)]
    public void ImageFault_IsTheKindThatAllImagesShare(ImageErrorKind[] kinds, ImageErrorKind shared)
    {
        var faults = new ValidationErrors();
        foreach (var (i, kind) in kinds.Index())
        {
            faults.AddToImage(i, "is bad.", kind);
        }

        Assert.That(faults.ImageError, Is.EqualTo(shared));
        Assert.That(faults.BreaksContract, Is.False);
    }

    [Test]
    public void Messages_AreInTheOrderOfTheImages()
    {
        var faults = new ValidationErrors();
        foreach (int index in (int[])[10, 9, 2, 1])
        {
            faults.AddToImage(index, "is bad.");
        }

        Assert.That(faults.Messages.Keys, Is.EqualTo(new[] { "requests[1].image", "requests[2].image", "requests[9].image", "requests[10].image" }));
    }

    [TestCase(ValidationErrors.Body, "The body is bad. Nothing was classified.")]
    [TestCase("requests", "requests is bad. Nothing was classified.")]
    public void Summary_OfOneFault_TellsIt(string path, string summary)
    {
        var faults = new ValidationErrors();
        faults.AddToContract(path, "is bad.");

        Assert.That(faults.Summary, Is.EqualTo(summary));
    }
}
