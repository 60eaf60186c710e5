using Mnist.Core.Contract;
using Mnist.Core.Imaging;

namespace Mnist.Tests.Core;

public sealed class RequestFaultsTests
{
    [TestCase(new ImageFaultKind[0], ImageFaultKind.Invalid)]
    [TestCase(new[] { ImageFaultKind.Blank }, ImageFaultKind.Blank)]
    [TestCase(new[] { ImageFaultKind.Blank, ImageFaultKind.Blank }, ImageFaultKind.Blank)]
    [TestCase(new[] { ImageFaultKind.Blank, ImageFaultKind.LowContrast }, ImageFaultKind.Invalid)]
    public void ImageFault_IsTheKindThatAllImagesShare(ImageFaultKind[] kinds, ImageFaultKind shared)
    {
        var faults = new RequestFaults();
        foreach (var (i, kind) in kinds.Index())
        {
            faults.AddToImage(i, "is bad.", kind);
        }

        Assert.That(faults.ImageFault, Is.EqualTo(shared));
        Assert.That(faults.BreaksContract, Is.False);
    }

    [Test]
    public void Messages_AreInTheOrderOfTheImages()
    {
        var faults = new RequestFaults();
        foreach (int index in (int[])[10, 9, 2, 1])
        {
            faults.AddToImage(index, "is bad.");
        }

        Assert.That(faults.Messages.Keys, Is.EqualTo(new[] { "requests[1].image", "requests[2].image", "requests[9].image", "requests[10].image" }));
    }

    [TestCase(RequestFaults.Body, "The body is bad. Nothing was classified.")]
    [TestCase("requests", "requests is bad. Nothing was classified.")]
    public void Summary_OfOneFault_TellsIt(string path, string summary)
    {
        var faults = new RequestFaults();
        faults.AddToContract(path, "is bad.");

        Assert.That(faults.Summary, Is.EqualTo(summary));
    }
}
