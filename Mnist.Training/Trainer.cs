using System.Collections.Concurrent;
using System.Diagnostics;
using System.Numerics;
using System.Numerics.Tensors;
using Mnist.Core.Imaging;
using Mnist.Inference.Kernels;
using Mnist.Inference.Model;
using Mnist.Training.Data;
using Mnist.Training.Layers;
using Mnist.Training.Optimization;
using Mnist.Training.Synthesis;

namespace Mnist.Training;

/// <summary>Progress of an epoch.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Step">Steps done in this epoch.</param>
/// <param name="Steps">Steps per epoch.</param>
/// <param name="Loss">Mean cross-entropy of this epoch's images so far.</param>
/// <param name="LearningRate">Learning rate of the last step.</param>
/// <param name="ImagesPerSecond">Mean speed in this epoch so far.</param>
public sealed record TrainingProgress(int Epoch, int Step, int Steps, double Loss, double LearningRate, double ImagesPerSecond);

/// <summary>
/// Trains a network with <see cref="AdamW"/> on distorted images, data-parallel over the cores.
/// </summary>
/// <remarks>
/// A batch is divided into shards of a fixed size, each with its own gradient. Threads take shards, and the gradients are added in shard order, so the
/// result does not depend on the number of threads. Activations belong to the thread, so they stay in its core's cache. The distortion of an image
/// depends only on seed, epoch and image index.
/// </remarks>
public sealed class Trainer
{
    /// <summary>Training images over which the final statistics of batch normalisation are measured.</summary>
    private const int StatisticsImages = 8192;

    /// <summary>Parts of the parameter vector that are updated in parallel.</summary>
    private const int UpdatePieces = 4;

    private readonly TrainingOptions _options;
    private readonly DigitDataset _data;
    private readonly ParallelOptions _parallel;
    private readonly float[] _images;
    private readonly ParameterLayout _layout;
    private readonly ParameterVector _parameters;
    private readonly float[] _average;
    private readonly AdamW _optimizer;
    private readonly float[][] _gradients;
    private readonly double[] _losses;
    private readonly ConcurrentBag<Worker> _workers = [];
    private readonly int _stepsPerEpoch;

    /// <exception cref="ArgumentException">An option is out of range, there are fewer images than a batch needs, or a label has no class.</exception>
    public Trainer(TrainingOptions options, DigitDataset data)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(data);
        options.Validate();
        if (data.Count < options.BatchSize)
        {
            throw new ArgumentException($"There are {data.Count} training images, expected at least one batch of {options.BatchSize}.", nameof(data));
        }

        int classes = options.Architecture.ClassCount;
        if (data.Labels.Max() >= classes)
        {
            throw new ArgumentException($"A label is {data.Labels.Max()}, expected 0 to {classes - 1} for a network of {classes} classes.", nameof(data));
        }

        _options = options;
        _data = data;
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Threads };
        _images = new float[data.Images.Length];
        InputScale.ToFloat(data.Images, _images);
        _layout = new ParameterLayout(options.Architecture, options.BatchNormalization);
        _parameters = new ParameterVector(_layout);
        _layout.Load(NetworkWeights.Random(options.Architecture, options.Seed), _parameters.All);
        _average = _parameters.All.ToArray();
        _optimizer = new AdamW(_layout, options.WeightDecay);
        _losses = new double[options.BatchSize / options.ShardSize];
        _gradients = [.. _losses.Select(_ => new float[_layout.Length])];
        _stepsPerEpoch = data.Count / options.BatchSize;
    }

    /// <summary>Steps done in the whole run.</summary>
    private int StepCount { get; set; }

    /// <summary>Steps done in the current epoch; 0 between epochs.</summary>
    private int EpochStep { get; set; }

    /// <summary>Sum of the losses of the images of these steps.</summary>
    private double EpochLoss { get; set; }

    private int TotalSteps => _options.Epochs * _stepsPerEpoch;

    /// <summary>Runs all remaining epochs.</summary>
    /// <param name="progress">Called after each step.</param>
    /// <param name="epochDone">Called after each epoch with the progress of its last step.</param>
    /// <param name="cancellationToken">Ends the training after the current step.</param>
    public void Run(Action<TrainingProgress>? progress = null, Action<TrainingProgress>? epochDone = null, CancellationToken cancellationToken = default)
    {
        while (StepCount < TotalSteps)
        {
            var last = RunEpoch(progress, cancellationToken);
            epochDone?.Invoke(last);
        }
    }

    /// <summary>
    /// Runs the next epoch, or the rest of one that was cancelled or loaded. Images that do not fill the last batch are left out, different ones in each
    /// epoch.
    /// </summary>
    /// <param name="progress">Called after each step.</param>
    /// <param name="cancellationToken">Ends the epoch after the current step.</param>
    /// <returns>The progress of the last step: its loss is the mean over the epoch.</returns>
    public TrainingProgress RunEpoch(Action<TrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        int epoch = (StepCount / _stepsPerEpoch) + 1;
        int[] order = [.. Enumerable.Range(0, _data.Count)];
        new Random(RandomNumbers.Seed(_options.Seed, epoch, -1)).Shuffle(order);
        long started = Stopwatch.GetTimestamp();
        int resumedStep = EpochStep;
        TrainingProgress? last = null;
        for (int step = resumedStep; step < _stepsPerEpoch; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            double learningRate = LearningRate();
            EpochLoss += Step(epoch, order.AsMemory(step * _options.BatchSize, _options.BatchSize), learningRate);
            EpochStep = step + 1;
            int images = (EpochStep - resumedStep) * _options.BatchSize;
            last = new TrainingProgress(
                epoch,
                EpochStep,
                _stepsPerEpoch,
                EpochLoss / (EpochStep * _options.BatchSize),
                learningRate,
                images / Stopwatch.GetElapsedTime(started).TotalSeconds);
            progress?.Invoke(last);
        }

        (EpochStep, EpochLoss) = (0, 0);
        return last!;
    }

    /// <summary>The network as trained so far: averaged parameters with batch normalisation folded into them.</summary>
    /// <param name="metadata">Stored with the weights.</param>
    public NetworkWeights Weights(IReadOnlyDictionary<string, string>? metadata = null)
    {
        var averaged = new ParameterVector(_layout);
        _average.CopyTo(averaged.All);
        averaged.Update();
        return _layout.ToWeights(_average, MeasureStatistics(averaged), metadata);
    }

    private double Step(int epoch, ReadOnlyMemory<int> batch, double learningRate)
    {
        bool augment = StepCount < TotalSteps * (1 - _options.CleanFinishFraction);
        Parallel.For(0, _parameters.UpdateCount, _parallel, _parameters.Update);
        ForEachShard(_losses.Length, (worker, shard) =>
        {
            worker.Load(_data, _images, batch.Span.Slice(shard * _options.ShardSize, _options.ShardSize), augment ? epoch : null);
            _losses[shard] = worker.Run(_parameters, _gradients[shard]);
        });

        StepCount++;
        _optimizer.Begin(learningRate);
        Parallel.For(0, UpdatePieces, _parallel, UpdatePiece);
        return _losses.Sum();
    }

    /// <summary>Processes shards in parallel, each with the worker of the thread that takes it.</summary>
    private void ForEachShard(int count, Action<Worker, int> body) => Parallel.For(
        0,
        count,
        _parallel,
        () => _workers.TryTake(out var worker) ? worker : new Worker(_layout, _options),
        (shard, _, worker) =>
        {
            body(worker, shard);
            return worker;
        },
        _workers.Add);

    /// <summary>Adds up the gradient of one part of the parameters, takes the optimiser's step and updates the average.</summary>
    private void UpdatePiece(int piece)
    {
        int length = TensorLayout.RoundUp((_layout.Length + UpdatePieces - 1) / UpdatePieces);
        int start = Math.Min(piece * length, _layout.Length);
        length = Math.Min(length, _layout.Length - start);
        var gradient = _gradients[0].AsSpan(start, length);
        foreach (float[] shard in _gradients.AsSpan(1))
        {
            TensorPrimitives.Add(gradient, shard.AsSpan(start, length), gradient);
        }

        var parameters = _parameters.All.Slice(start, length);
        _optimizer.Update(start, parameters, gradient);

        // The decay is smaller at first, so that the average soon forgets the random initial weights.
        var share = new Vector<float>(1 - (float)Math.Min(_options.WeightAveraging, (1.0 + StepCount) / (10.0 + StepCount)));
        for (int i = 0; i < length; i += Vector<float>.Count)
        {
            var average = new Vector<float>(_average, start + i);
            (average + (share * (new Vector<float>(parameters[i..]) - average))).CopyTo(_average, start + i);
        }
    }

    /// <summary>Linear warm-up, then cosine decay.</summary>
    private double LearningRate()
    {
        double progress = (StepCount + 0.5) / TotalSteps;
        if (progress < _options.WarmUpFraction)
        {
            return _options.LearningRate * progress / _options.WarmUpFraction;
        }

        double cosine = 0.5 * (1 + Math.Cos(Math.PI * (progress - _options.WarmUpFraction) / (1 - _options.WarmUpFraction)));
        return _options.LearningRate * double.Lerp(_options.FinalLearningRateFraction, 1, cosine);
    }

    /// <summary>
    /// Measures the statistics of the averaged network on undistorted images. A running average would belong to other parameters (Wu and Johnson 2021,
    /// "Rethinking Batch in BatchNorm", arXiv 2105.07576, section 3).
    /// </summary>
    private Dictionary<int, ChannelStatistics> MeasureStatistics(ParameterVector parameters)
    {
        int groups = Math.Max(1, Math.Min(_data.Count, StatisticsImages) / _options.ShardSize);
        var statistics = new Dictionary<int, ChannelStatistics>[groups];
        ForEachShard(groups, (worker, group) =>
        {
            int[] images = [.. Enumerable.Range(group * _options.ShardSize, _options.ShardSize)];
            worker.Load(_data, _images, images, augmentedEpoch: null);
            statistics[group] = worker.Measure(parameters);
        });
        return statistics[0].Keys.ToDictionary(layer => layer, layer => ChannelStatistics.Pool([.. statistics.Select(group => group[layer])]));
    }

    /// <summary>A copy of the state: all that the next steps depend on besides options and data.</summary>
    public TrainerState Save() => new(
        StepCount, EpochStep, EpochLoss, _parameters.All.ToArray(), [.. _average], _optimizer.FirstMoment.ToArray(), _optimizer.SecondMoment.ToArray());

    /// <summary>Continues from the state of a trainer with the same options and data, to the same bits.</summary>
    /// <exception cref="InvalidDataException">The state belongs to another network; this trainer is unchanged.</exception>
    public void Load(TrainerState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        foreach (float[] values in new[] { state.Parameters, state.Average, state.FirstMoment, state.SecondMoment })
        {
            if (values.Length != _layout.Length)
            {
                throw new InvalidDataException($"the state has {values.Length} parameters, expected {_layout.Length}");
            }
        }

        (StepCount, EpochStep, EpochLoss) = (state.StepCount, state.EpochStep, state.EpochLoss);
        state.Parameters.CopyTo(_parameters.All);
        state.Average.CopyTo(_average);
        _optimizer.Load(state.StepCount, state.FirstMoment, state.SecondMoment);
    }

    /// <summary>A thread's activations and buffers.</summary>
    private sealed class Worker(ParameterLayout layout, TrainingOptions options)
    {
        private readonly Augmentation _augmentation = new(options.Augmentation);
        private readonly TrainingNetwork _network = TrainingNetwork.Create(layout, options.ShardSize);
        private readonly byte[] _labels = new byte[options.ShardSize];
        private readonly float[] _distorted = new float[DigitImage.PixelCount];

        /// <summary>Loads a shard into the network.</summary>
        /// <param name="data">The data set, for the labels.</param>
        /// <param name="pixels">All images of <paramref name="data"/>, 0 to 1.</param>
        /// <param name="indexes">Indexes of the shard's images.</param>
        /// <param name="augmentedEpoch">The epoch that seeds the distortion; null for undistorted images.</param>
        public void Load(DigitDataset data, ReadOnlySpan<float> pixels, ReadOnlySpan<int> indexes, int? augmentedEpoch)
        {
            for (int i = 0; i < indexes.Length; i++)
            {
                var image = pixels.Slice(indexes[i] * DigitImage.PixelCount, DigitImage.PixelCount);
                if (augmentedEpoch is { } epoch)
                {
                    _augmentation.Apply(image, new Random(RandomNumbers.Seed(options.Seed, epoch, indexes[i])), _distorted);
                    image = _distorted;
                }

                _network.SetImage(i, image);
                _labels[i] = data.Labels[indexes[i]];
            }
        }

        /// <summary>Forward and backward pass.</summary>
        /// <returns>Sum of the losses of the images.</returns>
        public double Run(ParameterVector parameters, Span<float> gradient)
        {
            _network.Forward(parameters);
            return _network.Backward(parameters, _labels, options.BatchSize, gradient);
        }

        /// <summary>Forward pass for statistics only.</summary>
        /// <returns>Statistics of each batch normalisation, by the index of its convolution.</returns>
        public Dictionary<int, ChannelStatistics> Measure(ParameterVector parameters)
        {
            _network.Forward(parameters);
            return _network.Normalizations.ToDictionary(layer => layer.LayerIndex, layer => layer.Statistics.Copy());
        }
    }
}
