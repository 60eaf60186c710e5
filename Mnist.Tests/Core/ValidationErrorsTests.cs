using Mnist.Core.Imaging;
using Mnist.Core.Requests;

namespace Mnist.Tests.Core;

public sealed class ValidationErrorsTests
{
    [TestCase(new ImageErrorKind[0], ImageErrorKind.Invalid)]
    [TestCase(new[] { ImageErrorKind.Blank }, ImageErrorKind.Blank)]
    [TestCase(new[] { ImageErrorKind.Blank, ImageErrorKind.Blank }, ImageErrorKind.Blank)]
    [TestCase(new[] { ImageErrorKind.Blank, ImageErrorKind.LowContrast }, ImageErrorKind.Invalid)]
    public void ImageErrorKind_IsTheKindThatAllImagesShare(ImageErrorKind[] kinds, ImageErrorKind shared)
    {
        var errors = new ValidationErrors();
        foreach (var (i, kind) in kinds.Index())
        {
            errors.AddImageError(i, new ImageError(kind, "is bad."));
        }

        Assert.That(errors.ImageErrorKind, Is.EqualTo(shared));
        Assert.That(errors.BreaksContract, Is.False);
    }

    [Test]
    public void Messages_AreInTheOrderOfTheImages()
    {
        var errors = new ValidationErrors();
        foreach (int index in (int[])[10, 9, 2, 1])
        {
            errors.AddImageError(index, new ImageError(ImageErrorKind.Invalid, "is bad."));
        }

        Assert.That(errors.Messages.Keys, Is.EqualTo(new[] { "requests[1].image", "requests[2].image", "requests[9].image", "requests[10].image" }));
    }

    [TestCase(ValidationErrors.Body, "The body is bad. Nothing was classified.")]
    [TestCase("requests", "requests is bad. Nothing was classified.")]
    public void Summary_OfOneError_SaysIt(string path, string summary)
    {
        var errors = new ValidationErrors();
        errors.AddContractError(path, "is bad.");

        Assert.That(errors.Summary, Is.EqualTo(summary));
    }
}
